/**
 * How fast a dataflow runs, against plain JavaScript, against the same generated code compiled for
 * this machine, and against SQLite for a large flush. Run: `node bench/sdf.ts`
 *
 * The work: 200,000 events of 278 bytes from 10,000 players, counted per player in windows of five
 * seconds, each window ordered by count and written as JSON. CPU time of the working thread is
 * compared, in rounds that alternate; every number is a median over rounds. Only the two partitions are
 * about wall time: they need two cores that have nothing else to do (their part prints what the cores give by themselves). Both Wasm and native start from records in
 * memory, make the record tables of them, and take the outputs.
 */
import { setTimeout } from "node:timers/promises";
import { DataflowEngine } from "@arenaflow/sdf/engine";
import { cpuSeconds } from "./sdf/cpu-seconds.ts";
import { type Chunk, EVENT_BYTES, makeChunk, mixed } from "./sdf/events.ts";
import { flushVsSqlite } from "./sdf/flush.ts";
import { JavaScriptCounts } from "./sdf/javascript.ts";
import { measureManyKeys } from "./sdf/many-keys.ts";
import { loadBenchModule } from "./sdf/module.ts";
import { startNative } from "./sdf/native.ts";
import { median, round3 } from "./sdf/numbers.ts";
import { twoPartitionsVsOne } from "./sdf/partitions.ts";

const EVENTS = 200_000;
const KEYS = 10_000;
const SPAN_MS = 50_000;
const ROUNDS = 15;
const WARM_UP_ROUNDS = 3;
const SETTLE_MS = 100;

const module = await loadBenchModule();
const engine = new DataflowEngine(module);
const nothing = engine.snapshot();
const chunk = makeChunk({ count: EVENTS, player: (index) => mixed(index, KEYS), spanMs: SPAN_MS });
checkSameResults(chunk);

const metrics: Record<string, number> = {
  ...(await measureSpeed(chunk)),
  ...measureManyKeys(module),
  flush_100k_vs_sqlite: flushVsSqlite(module),
  two_partitions_vs_one: await twoPartitionsVsOne(module),
};
const rounded = Object.entries(metrics).map(([name, value]) => [name, round3(value)] as const);
console.log(JSON.stringify({ sdf: Object.fromEntries(rounded) }));

async function measureSpeed({ records }: Chunk): Promise<Record<string, number>> {
  const native = await startNative(records);
  const js: number[] = [];
  const wasm: number[] = [];
  const own: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const script = cpuSeconds(() => runJavaScript(chunk));
    // Its garbage is collected by other threads, which would slow what runs beside them.
    await setTimeout(SETTLE_MS);
    let machine = round % 2 === 0 ? await native?.round() : undefined;
    // One engine that goes on, with the state of a new one.
    engine.restore(nothing);
    const compiled = cpuSeconds(() => runWasm(chunk));
    machine ??= await native?.round();
    if (round < WARM_UP_ROUNDS) continue;
    js.push(script);
    wasm.push(compiled);
    if (machine !== undefined) own.push(machine);
  }
  await native?.close();
  const rate = (times: readonly number[]): string =>
    `${(EVENTS / median(times) / 1e6).toFixed(2)} M/s`;
  console.error(
    `${EVENT_BYTES} bytes: JavaScript ${rate(js)}, Wasm ${rate(wasm)}, native ${rate(own)}`,
  );
  const ratios = (slow: readonly number[]): number[] =>
    slow.map((time, round) => time / (wasm[round] ?? NaN));
  return {
    wasm_vs_js: median(ratios(js)),
    ...(own.length === 0 ? {} : { wasm_vs_native: median(ratios(own)) }),
  };
}

function runWasm({ records }: Chunk): Uint8Array[] {
  engine.process({ source: 0, partition: 0, records }, 0);
  engine.finish();
  return engine.drain().map(({ value }) => value);
}

function runJavaScript(events: Chunk): string[] {
  const counts = new JavaScriptCounts();
  counts.process(events);
  counts.finish();
  return counts.outputs;
}

/** Both have to do the same work. Among equal counts the order is free. */
function checkSameResults(events: Chunk): void {
  const canonical = (texts: readonly string[]): string =>
    JSON.stringify(
      texts.map((text) => {
        const rows = JSON.parse(text) as { player: string; count: number }[];
        return rows
          .map(({ count, player }) => `${String(count).padStart(8, "0")} ${player}`)
          .toSorted();
      }),
    );
  const decoder = new TextDecoder();
  const wasm = canonical(runWasm(events).map((bytes) => decoder.decode(bytes)));
  if (wasm !== canonical(runJavaScript(events))) {
    throw new Error("Wasm and JavaScript do not give the same windows.");
  }
}
