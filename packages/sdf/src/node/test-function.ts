/** Runs one function of a dataflow on one value, as `sdf test function` does. Needs Rust: the function is compiled on its own. */
import { buildFunction } from "../compile/index.ts";
import type { Problem } from "../document/index.ts";
import { DataflowEngine } from "../engine/index.ts";

export interface FunctionCall {
  readonly name: string;
  /** A text as it is for a function that takes a text, else JSON. */
  readonly value: string;
  readonly key?: string;
}

export type FunctionResult =
  | { readonly problems: readonly Problem[] }
  | {
      /** None for a value that was filtered out, several from a flat-map. */
      readonly results: readonly { readonly key: string | null; readonly value: string }[];
      /** Why the value was refused, by its type or by the function. */
      readonly refused: string | undefined;
    };

/**
 * @throws NoSuchFunction when the dataflow has no function of that name, or it cannot be run on a value alone
 * @throws ToolchainError without Rust
 */
export async function callFunction(
  dir: string,
  { name, value, key }: FunctionCall,
): Promise<FunctionResult> {
  const built = await buildFunction(dir, name);
  if ("problems" in built) return built;
  const engine = new DataflowEngine(await WebAssembly.compile(new Uint8Array(built.wasm)));
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
  const record = {
    offset: 0,
    timestamp: 0,
    key: key === undefined ? null : encoder.encode(key),
    value: encoder.encode(value),
  };
  engine.process({ source: 0, partition: 0, records: [record] }, 0);
  const results = engine.drain().map((output) => ({
    key: output.key === null ? null : decoder.decode(output.key),
    value: decoder.decode(output.value),
  }));
  return { results, refused: engine.takeRejections()[0]?.reason };
}
