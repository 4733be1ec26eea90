/** The benchmark's dataflow: built now where there is Rust and the module is old, else as it was checked in. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDataflow, isStale, ToolchainError } from "@arenaflow/sdf/compile";

export const DATAFLOW = join(import.meta.dirname, "counts");

export async function loadBenchModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(new Uint8Array(await moduleBytes()));
}

async function moduleBytes(): Promise<Uint8Array> {
  if (await isStale(DATAFLOW)) {
    try {
      const built = await buildDataflow(DATAFLOW);
      if ("wasm" in built) return built.wasm;
      throw new Error(`The benchmark's dataflow has problems: ${JSON.stringify(built.problems)}`);
    } catch (cause) {
      if (!(cause instanceof ToolchainError)) throw cause;
      console.error("No Rust: measuring the module that is checked in, which is an older one.");
    }
  }
  return readFile(join(DATAFLOW, "dataflow.wasm"));
}
