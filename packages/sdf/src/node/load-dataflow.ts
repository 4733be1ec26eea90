/** A dataflow's directory: dataflow.yaml and the dataflow.wasm built from it. */
import { access, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Plan, readPlan } from "../engine/index.ts";
import { isStale } from "../compile/index.ts";
import type { Log } from "./log.ts";
import { RunnerError } from "./runner-error.ts";

export interface LoadedDataflow {
  readonly dir: string;
  readonly module: WebAssembly.Module;
  readonly plan: Plan;
}

/**
 * Reads and compiles a dataflow's module and compares it with its YAML. A module that is older
 * than its YAML still runs, with a warning: a studio that edits a dataflow sees why nothing changed.
 * @throws RunnerError `no_dataflow` when a file is missing
 */
export async function loadDataflow(dir: string, log: Log): Promise<LoadedDataflow> {
  const yaml = join(dir, "dataflow.yaml");
  await access(yaml).catch((cause: unknown) => {
    throw new RunnerError("no_dataflow", `${yaml} cannot be read: is ${dir} a dataflow?`, {
      cause,
    });
  });
  const file = join(dir, "dataflow.wasm");
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new RunnerError(
      "no_dataflow",
      `${file} cannot be read. Build it with \`npm run build\` (needs Rust).`,
      { cause },
    );
  });
  const module = await WebAssembly.compile(bytes);
  const plan = readPlan(module);
  if (await isStale(dir)) {
    log({
      level: "warn",
      message: `${basename(dir)}/dataflow.wasm was not built from this dataflow.yaml; the old module runs. Build it with \`npm run build\`.`,
      fields: { dataflow: plan.name },
    });
  }
  return { dir, module, plan };
}
