/** Modules of dataflows in Node; inside workerd modules.workerd.ts stands in for this file. */
import { readFile } from "node:fs/promises";

const REPOSITORY = new URL("../../../../", import.meta.url);

/** @param dir folder of the dataflow, from the repository's root */
export async function loadModule(dir: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(new URL(`${dir}/dataflow.wasm`, REPOSITORY)));
}
