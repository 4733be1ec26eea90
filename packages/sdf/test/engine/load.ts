/** Modules of dataflows, and records for them, as the engine's tests need them. */
import { DataflowEngine, type EngineOptions, type InputRecord } from "../../src/engine/index.ts";
import { loadModule } from "./modules.ts";

export { loadModule } from "./modules.ts";

export async function newEngine(dir: string, options?: EngineOptions): Promise<DataflowEngine> {
  return new DataflowEngine(await loadModule(dir), options);
}

/** Values as records with offsets from 0, written at `timestamp`. */
export function recordsOf(values: readonly unknown[], timestamp = 0): InputRecord[] {
  const encoder = new TextEncoder();
  return values.map((value, offset) => ({
    offset,
    timestamp,
    key: null,
    value: encoder.encode(typeof value === "string" ? value : JSON.stringify(value)),
  }));
}

/** A line of text is a value as well. */
function parse(text: string): unknown {
  return text.startsWith("{") ? (JSON.parse(text) as unknown) : text;
}

/** Drains outputs as `topic` and parsed value. */
export function drainValues(engine: DataflowEngine): { topic: string; value: unknown }[] {
  const decoder = new TextDecoder();
  return engine.drain().map(({ sink, value }) => ({
    topic: engine.plan.sinks[sink]?.topic ?? "",
    value: parse(decoder.decode(value)),
  }));
}
