/** Modules of dataflows inside workerd, which compiles Wasm only where it is imported. */
import economy from "../../../../dataflows/game-economy/dataflow.wasm";
import engagement from "../../../../dataflows/player-engagement/dataflow.wasm";
import operations from "../../../../dataflows/server-operations/dataflow.wasm";
import poison from "./poison/dataflow.wasm";

const MODULES: Readonly<Record<string, WebAssembly.Module>> = {
  "dataflows/game-economy": economy,
  "dataflows/player-engagement": engagement,
  "dataflows/server-operations": operations,
  "packages/sdf/test/engine/poison": poison,
};

export function loadModule(dir: string): Promise<WebAssembly.Module> {
  const module = MODULES[dir];
  if (module === undefined) throw new Error(`modules.workerd.ts does not import ${dir}`);
  return Promise.resolve(module);
}
