/**
 * The whole stack in a process of its own, so that its supervisor can be killed as well.
 * Takes its options as JSON in the first argument; answers `pids` over IPC; ends on `stop`.
 */
import { type Stack, startStack } from "../../local/fluvio-bridge/src/stack/index.ts";
import type { FromStack, StackSettings, ToStack } from "./stack-process.ts";

const settings = JSON.parse(process.argv[2] ?? "{}") as StackSettings;
let stack: Stack | undefined;

function tell(message: FromStack): void {
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

async function stop(): Promise<void> {
  await stack?.close();
  process.disconnect();
}

process.on("disconnect", () => {
  stack?.kill();
  process.exit(1);
});
process.on("message", (message: ToStack) => {
  if (message.type === "pids") tell({ type: "pids", pids: stack?.pids() ?? {} });
  if (message.type === "stop") {
    void stop();
  }
});

try {
  stack = await startStack({
    dataDir: settings.dataDir,
    ports: settings.ports,
    generator: false,
    ...(settings.graphite && { graphite: { webPort: 0 } }),
    env: settings.env,
    onEvent: (event) => {
      if (event.type === "restarting") {
        tell({ type: "restarting", part: event.part, reason: event.reason });
      }
    },
  });
  const { ingest, fluvio, graphite } = stack.urls;
  tell({ type: "ready", urls: { ingest, fluvio, graphite } });
} catch (error) {
  tell({ type: "failed", message: (error as Error).message });
  process.disconnect();
}
