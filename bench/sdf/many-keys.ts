/** A million live keys in one window: speed against JavaScript, the pause of a checkpoint, and memory. */
import { DataflowEngine } from "@arenaflow/sdf/engine";
import { cpuSeconds } from "./cpu-seconds.ts";
import { makeChunk, mixed } from "./events.ts";
import { JavaScriptCounts } from "./javascript.ts";
import { median } from "./numbers.ts";

const KEYS = 1_000_000;
const CHUNK = 50_000;
const ROUNDS = 7;
const MB = 1_000_000;
/** All within one window. */
const SPAN_MS = 4_000;

export function measureManyKeys(module: WebAssembly.Module): Record<string, number> {
  const engine = new DataflowEngine(module);
  const script = new JavaScriptCounts();
  const emptyBytes = engine.stats().memory_bytes;
  for (let from = 0; from < KEYS; from += CHUNK) {
    const chunk = makeChunk({ count: CHUNK, player: (index) => from + index, spanMs: 0 });
    engine.process({ source: 0, partition: 0, records: chunk.records }, 0);
    script.process(chunk);
  }
  const bytes = engine.stats().memory_bytes - emptyBytes;
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const player = (index: number): number => mixed(index + round * CHUNK, KEYS);
    const chunk = makeChunk({ count: CHUNK, player, spanMs: SPAN_MS });
    const slow = cpuSeconds(() => script.process(chunk));
    const fast = cpuSeconds(() =>
      engine.process({ source: 0, partition: 0, records: chunk.records }, 0),
    );
    ratios.push(slow / fast);
  }
  console.error(`1M keys: ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")}`);
  const pauses = Array.from({ length: ROUNDS }, () => cpuSeconds(() => engine.snapshot()) * 1000);
  console.error(`checkpoint: ${pauses.map((ms) => ms.toFixed(0)).join(" ")} ms`);
  return {
    wasm_vs_js_1m_keys: median(ratios),
    checkpoint_1m_keys_ms: median(pauses),
    mb_per_million_keys: (bytes / MB / KEYS) * 1_000_000,
  };
}
