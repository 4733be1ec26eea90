/**
 * How fast records pass through Fluvio's protocol, against a plain TCP echo of the same bytes and
 * against the native client. Run: `node bench/fluvio.ts [--json]`
 *
 * One round runs every case once; a ratio is taken within its round, and the median over all
 * rounds is reported, so that a busy machine slows both sides. Servers run in a process of their
 * own, as they do on a laptop.
 *
 * The echo sends the records' bytes in messages of 16 KiB (a batch of the native client), one under
 * way at a time, and counts a message as done when it has come back whole. It moves the bytes twice
 * and does nothing else; a produce moves them once, but also frames, checks, stores and syncs them.
 *
 * Not measured: several producers at once, and networks. `--records=10000` makes it a smoke test.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fluvio } from "../packages/fluvio/src/client/index.ts";
import { loadNativeClient, type NativeClient } from "../packages/fluvio/src/native/index.ts";
import { startFluvioServer } from "../packages/fluvio/src/server/index.ts";

const RECORDS_DEFAULT = 100_000;
const RECORD_BYTES = 300;
const ROUNDS = 7;
const WARM_UP_ROUNDS = 2;
const ECHO_MESSAGE_BYTES = 16 * 1024;
/** Records that a producer gets at once; the native client is fastest in this way (`sendAll`). */
const CHUNK_RECORDS = 1000;
const NATIVE_DIR = fileURLToPath(new URL("../.arenaflow/native-client", import.meta.url));

interface Ports {
  readonly echo: number;
  readonly fsync: number;
  readonly memory: number;
}

type Case =
  | "echo"
  | "produceFsync"
  | "produceMemory"
  | "consume"
  | "nativeProduce"
  | "nativeConsume";
/** Records per second. */
type Round = Partial<Record<Case, number>>;

async function serve(dataDir: string): Promise<void> {
  const echo = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  const start = (durability: "fsync" | "memory") =>
    startFluvioServer({ dataDir: join(dataDir, durability), port: 0, settings: { durability } });
  const [fsync, memory] = [await start("fsync"), await start("memory")];
  const ports: Ports = {
    echo: (echo.address() as AddressInfo).port,
    fsync: fsync.port,
    memory: memory.port,
  };
  // The bench ends by exiting: its native client would print an error for every stream it loses.
  process.on("disconnect", () => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
  process.send?.(ports);
}

/** Echoes the records' bytes; resolves when all of them have come back. */
async function echoAll(port: number, records: number): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const message = Buffer.alloc(ECHO_MESSAGE_BYTES, 97);
  const total = Math.ceil((records * RECORD_BYTES) / ECHO_MESSAGE_BYTES) * ECHO_MESSAGE_BYTES;
  let received = 0;
  socket.write(message);
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received === total) resolve();
      else if (received % ECHO_MESSAGE_BYTES === 0) socket.write(message);
    });
  });
  socket.destroy();
}

async function produceAll(fluvio: Fluvio, topic: string, records: number): Promise<void> {
  await fluvio.admin.ensureTopic(topic, { retentionSeconds: 60, segmentBytes: 16 * 1024 * 1024 });
  const producer = await fluvio.producer(topic);
  const value = Buffer.alloc(RECORD_BYTES, 97);
  for (let record = 0; record < records; record += 1) {
    void producer.send({ value });
    if (record % CHUNK_RECORDS === 0) await new Promise(setImmediate);
  }
  await producer.close();
}

async function consumeAll(fluvio: Fluvio, records: number): Promise<void> {
  const consumer = await fluvio.consumer("filled", { start: "beginning" });
  let count = 0;
  let bytes = 0;
  for await (const batch of consumer) {
    for (const record of batch.records) bytes += record.value.length;
    count += batch.records.length;
    if (count >= records) break;
  }
  await consumer.close();
  if (bytes !== records * RECORD_BYTES) throw new Error(`${bytes} bytes came back`);
}

async function nativeProduceAll(client: NativeClient, records: number): Promise<void> {
  const producer = await client.topicProducer("native");
  const value = Buffer.alloc(RECORD_BYTES, 97);
  const chunk = Array.from({ length: CHUNK_RECORDS }, (): [string, Buffer] => ["", value]);
  for (let sent = 0; sent < records; sent += chunk.length) await producer.sendAll(chunk);
  await producer.flush();
}

async function measure(records: number, work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (records * 1000) / (performance.now() - startedMs);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function ratios(rounds: readonly Round[]): Record<string, number> {
  const PAIRS: readonly (readonly [string, Case, Case])[] = [
    ["produce_fsync_vs_tcp", "produceFsync", "echo"],
    ["produce_memory_vs_tcp", "produceMemory", "echo"],
    ["consume_vs_tcp", "consume", "echo"],
    ["produce_vs_native_client", "produceFsync", "nativeProduce"],
    ["consume_vs_native_client", "consume", "nativeConsume"],
  ];
  const entries: [string, number][] = [];
  for (const [metric, of, to] of PAIRS) {
    const values = rounds.map((round) => (round[of] ?? NaN) / (round[to] ?? NaN));
    // Without the native client its metrics are absent.
    if (!Number.isNaN(median(values))) entries.push([metric, Number(median(values).toFixed(3))]);
  }
  return Object.fromEntries(entries);
}

async function runRounds(ports: Ports, records: number): Promise<Round[]> {
  const fsync = await Fluvio.connect({ endpoint: `127.0.0.1:${ports.fsync}` });
  const memory = await Fluvio.connect({ endpoint: `127.0.0.1:${ports.memory}` });
  const native = await loadNativeClient(NATIVE_DIR);
  const client = await native?.default.connect({ host: "127.0.0.1", port: ports.fsync });
  await fsync.admin.createTopic("native", { retentionSeconds: 60 });
  await produceAll(fsync, "filled", records);
  const rounds: Round[] = [];
  for (let index = 0; index < WARM_UP_ROUNDS + ROUNDS; index += 1) {
    const round: Round = {
      echo: await measure(records, () => echoAll(ports.echo, records)),
      produceFsync: await measure(records, () => produceAll(fsync, "ours", records)),
      produceMemory: await measure(records, () => produceAll(memory, "ours", records)),
      consume: await measure(records, () => consumeAll(fsync, records)),
    };
    if (native !== undefined && client !== undefined) {
      round.nativeProduce = await measure(records, () => nativeProduceAll(client, records));
      round.nativeConsume = await measure(records, async () => {
        const consumer = await client.partitionConsumer("filled", 0);
        let count = 0;
        await new Promise<void>((resolve) => {
          void consumer.stream(native.Offset.FromBeginning(), () => {
            count += 1;
            if (count === records) resolve();
          });
        });
      });
    }
    if (index >= WARM_UP_ROUNDS) rounds.push(round);
  }
  return rounds;
}

async function main(): Promise<void> {
  const wanted = process.argv.find((argument) => argument.startsWith("--records="));
  const records = Number(wanted?.split("=")[1] ?? RECORDS_DEFAULT);
  const dataDir = await mkdtemp(join(tmpdir(), "bench-fluvio-"));
  const servers = fork(fileURLToPath(import.meta.url), ["--serve", dataDir]);
  const [ports] = (await once(servers, "message")) as [Ports];
  const rounds = await runRounds(ports, records);
  const metrics = ratios(rounds);
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ fluvio: metrics }));
    return;
  }
  for (const [metric, value] of Object.entries(metrics)) console.log(metric.padEnd(28), value);
  for (const name of Object.keys(rounds[0] ?? {}) as Case[]) {
    const rate = median(rounds.map((round) => round[name] ?? NaN));
    console.log(`  ${name.padEnd(26)} ${Math.round(rate)} records/s`);
  }
}

const serveAt = process.argv.indexOf("--serve");
if (serveAt >= 0) {
  await serve(process.argv[serveAt + 1] ?? "");
} else {
  await main();
  // The native client's streams cannot be stopped and would keep the process alive.
  process.exit(0);
}
