/** A server on a free port with a data folder of its own, and clients of it; all gone after a test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Fluvio, type ConsumedRecord, type Consumer } from "../../src/client/index.ts";
import {
  startFluvioServer,
  type FluvioServer,
  type LogLine,
  type ServerSettings,
} from "../../src/server/index.ts";

export interface Stack {
  readonly dataDir: string;
  readonly endpoint: string;
  readonly logLines: LogLine[];
  server: FluvioServer;
  /** Stops the server and starts it again on the same port and data. */
  restart(): Promise<void>;
  connect(): Promise<Fluvio>;
}

export async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fluvio-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export async function startStack(settings: Partial<ServerSettings> = {}): Promise<Stack> {
  const dataDir = await temporaryDir();
  const logLines: LogLine[] = [];
  const log = (line: LogLine): void => void logLines.push(line);
  const start = (port: number): Promise<FluvioServer> =>
    startFluvioServer({ dataDir, port, settings, log });
  const server = await start(0);
  const { port } = server;
  const stack: Stack = {
    dataDir,
    endpoint: `127.0.0.1:${port}`,
    logLines,
    server,
    restart: async () => {
      await stack.server.close();
      stack.server = await start(port);
    },
    connect: async () => {
      const fluvio = await Fluvio.connect({ endpoint: stack.endpoint, timeoutMs: 5000 });
      onTestFinished(() => fluvio.close());
      return fluvio;
    },
  };
  onTestFinished(() => stack.server.close());
  return stack;
}

/** Takes records from a consumer until there are `count`. */
export async function take(consumer: Consumer, count: number): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  for await (const batch of consumer) {
    records.push(...batch.records);
    if (records.length >= count) break;
  }
  return records;
}

export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}
