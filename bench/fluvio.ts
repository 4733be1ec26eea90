/**
 * How fast records pass through Fluvio's protocol, against a plain TCP echo of the same bytes and
 * against the native client. Run: `node bench/fluvio.ts [--json] [--records=100000] [--rounds=15]`
 *
 * A ratio is taken between two cases measured one right after the other, in changing order, and the
 * median over all rounds is reported: a busy machine slows both. No case is measured before all have
 * run a few times. Nobody collects garbage between them: an emptied heap is a slow one.
 *
 * The echo sends the records' bytes in messages of 16 KiB (a batch of the native client), one under
 * way at a time, and counts a message as done when it has come back whole. It moves the bytes twice
 * and does nothing else; a produce moves them once, but also frames, checks, stores and syncs them.
 *
 * Not measured: several producers at once, and networks. `--records=10000` makes it a smoke test.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Fluvio } from "../packages/fluvio/src/client/index.ts";
import { loadNativeClient } from "../packages/fluvio/src/native/index.ts";
import * as cases from "./fluvio/cases.ts";
import { cpuMicroseconds } from "./fluvio/cpu.ts";
import { Servers } from "./fluvio/servers.ts";

const WARM_UP_ROUNDS = 4;
/** No case takes a tenth of it; one that does not end must not look like one without a result. */
const CASE_DEADLINE_MS = 120_000;
const NATIVE_DIR = fileURLToPath(new URL("../.arenaflow/native-client", import.meta.url));

interface Case {
  readonly name: string;
  readonly run: () => Promise<void>;
}

interface Pair {
  readonly metric: string;
  readonly of: Case;
  readonly to: Case;
}

/** One measurement, in microseconds per record. */
interface Sample {
  readonly wall: number;
  readonly clientCpu: number;
  readonly serverCpu: number;
}

async function preparePairs(servers: Servers, records: number): Promise<Pair[]> {
  const { ports } = servers;
  const fsync = await Fluvio.connect({ endpoint: `127.0.0.1:${ports.fsync}` });
  const memory = await Fluvio.connect({ endpoint: `127.0.0.1:${ports.memory}` });
  // Kept for longer than the slowest machine takes: a consumer would wait for what was deleted.
  await fsync.admin.createTopic("filled", { retentionSeconds: 24 * 3600 });
  await cases.produceAll(fsync, "filled", records);
  const named = (name: string, run: () => Promise<void>): Case => ({ name, run });
  const echo = named("echo", () => cases.echoAll(ports.echo, records));
  const produce = named("produce", () => cases.produceAll(fsync, "ours", records));
  const produceMemory = named("produce memory", () => cases.produceAll(memory, "ours", records));
  const consume = named("consume", () => cases.consumeAll(fsync, "filled", records));
  const pairs = [
    { metric: "produce_fsync_vs_tcp", of: produce, to: echo },
    { metric: "produce_memory_vs_tcp", of: produceMemory, to: echo },
    { metric: "consume_vs_tcp", of: consume, to: echo },
  ];
  const native = await loadNativeClient(NATIVE_DIR);
  if (native === undefined) return pairs;
  const client = await native.default.connect({ host: "127.0.0.1", port: ports.fsync });
  await fsync.admin.createTopic("native", { retentionSeconds: 60 });
  const nativeProduce = named("native produce", () =>
    cases.nativeProduceAll(client, "native", records),
  );
  const nativeConsume = named("native consume", () =>
    cases.nativeConsumeAll({ client, native }, "filled", records),
  );
  return [
    ...pairs,
    { metric: "produce_vs_native_client", of: produce, to: nativeProduce },
    { metric: "consume_vs_native_client", of: consume, to: nativeConsume },
  ];
}

async function measure({ name, run }: Case, servers: Servers, records: number): Promise<Sample> {
  const serverBefore = await servers.cpuMicroseconds();
  const clientBefore = cpuMicroseconds();
  const startedMs = performance.now();
  await within(CASE_DEADLINE_MS, name, run());
  const wall = ((performance.now() - startedMs) * 1000) / records;
  const clientCpu = (cpuMicroseconds() - clientBefore) / records;
  const serverCpu = ((await servers.cpuMicroseconds()) - serverBefore) / records;
  return { wall, clientCpu, serverCpu };
}

async function within(ms: number, name: string, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${name}" did not end within ${ms} ms`)), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function runRounds(
  pairs: readonly Pair[],
  measureCase: (of: Case) => Promise<Sample>,
  rounds: number,
): Promise<{ ratios: Map<string, number[]>; samples: Map<string, Sample[]> }> {
  const ratios = new Map<string, number[]>();
  const samples = new Map<string, Sample[]>();
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const { metric, of, to } of pairs) {
      const ofFirst = round % 2 === 0;
      const first = await measureCase(ofFirst ? of : to);
      const second = await measureCase(ofFirst ? to : of);
      if (round < 0) continue;
      const [ofSample, toSample] = ofFirst ? [first, second] : [second, first];
      ratios.set(metric, [...(ratios.get(metric) ?? []), toSample.wall / ofSample.wall]);
      samples.set(of.name, [...(samples.get(of.name) ?? []), ofSample]);
      samples.set(to.name, [...(samples.get(to.name) ?? []), toSample]);
    }
  }
  return { ratios, samples };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function show(ratios: ReadonlyMap<string, number[]>, samples: ReadonlyMap<string, Sample[]>): void {
  for (const [metric, values] of ratios) {
    const range = `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;
    console.log(metric.padEnd(28), median(values).toFixed(3).padStart(6), `  (${range})`);
  }
  console.log("\nµs per record".padEnd(22), "wall  client CPU  server CPU");
  for (const [name, all] of samples) {
    const of = (field: keyof Sample): string => median(all.map((one) => one[field])).toFixed(2);
    const [wall, client, server] = [of("wall"), of("clientCpu"), of("serverCpu")];
    console.log(name.padEnd(20), wall.padStart(5), client.padStart(11), server.padStart(11));
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      records: { type: "string", default: "100000" },
      rounds: { type: "string", default: "15" },
    },
  });
  const [records, rounds] = [Number(values.records), Number(values.rounds)];
  if (!(records >= 1 && rounds >= 1)) throw new Error("--records and --rounds must be at least 1");
  const servers = await Servers.start(await mkdtemp(join(tmpdir(), "bench-fluvio-")));
  const pairs = await preparePairs(servers, records);
  const measureCase = (of: Case): Promise<Sample> => measure(of, servers, records);
  const { ratios, samples } = await runRounds(pairs, measureCase, rounds);
  const metrics = new Map([...ratios].map(([metric, all]) => [metric, median(all)]));
  for (const { metric } of pairs) {
    const value = metrics.get(metric);
    if (value === undefined || !Number.isFinite(value)) throw new Error(`${metric} has no value`);
  }
  if (!values.json) {
    show(ratios, samples);
    return;
  }
  const rounded = [...metrics].map(([metric, value]) => [metric, Number(value.toFixed(3))]);
  console.log(JSON.stringify({ fluvio: Object.fromEntries(rounded) }));
}

// Until there is a result, every way out is a failure: also the event loop that runs empty.
process.exitCode = 1;
await main();
// The native client's streams cannot be stopped and would keep the process alive.
process.stdout.write("", () => process.exit(0));
