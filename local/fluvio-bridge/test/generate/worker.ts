/** One Worker of the project in workerd, as `arenaflow start` runs it, with data in memory. */
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundleWorker } from "../../src/stack/worker-bundle.ts";

const HOST = "127.0.0.1";

export interface RunningWorker {
  readonly url: string;
  close(): Promise<void>;
}

/** @param vars instead of those in the Worker's wrangler.toml */
export async function startWorker(
  worker: { name: string; configPath: string },
  vars: Readonly<Record<string, string>> = {},
): Promise<RunningWorker> {
  const [first, ...others] = await bundleWorker({ ...worker, host: HOST, port: 0 });
  const bindings = { ...(first as { bindings?: object }).bindings, ...vars };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      logRequests: false,
      workers: [{ ...first, bindings } as NonNullable<typeof first>, ...others],
    }),
  );
  await miniflare.ready;
  const url = await miniflare.unsafeGetDirectURL(worker.name);
  return { url: url.origin, close: () => miniflare.dispose() };
}
