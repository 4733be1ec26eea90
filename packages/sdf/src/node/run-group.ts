/** Starts one group of a dataflow's partitions: its last checkpoint, Fluvio, and then the runner. */
import { randomInt } from "node:crypto";
import type { Fluvio } from "@arenaflow/fluvio/client";
import { DataflowEngine } from "../engine/index.ts";
import { type Checkpoint, CheckpointStore } from "./checkpoint.ts";
import { connectFluvio } from "./connect-fluvio.ts";
import type { LoadedDataflow } from "./load-dataflow.ts";
import { type Group, groupCheckpointDir } from "./partition-group.ts";
import { RunnerError } from "./runner-error.ts";
import { Runner } from "./runner.ts";
import type { RunDataflowOptions } from "./running-dataflow.ts";

const SEED_END = 2 ** 32;

/** @throws RunnerError when the checkpoint or Fluvio is not as needed */
export async function runGroup(
  options: RunDataflowOptions,
  { module, plan }: Pick<LoadedDataflow, "module" | "plan">,
  group: Group,
): Promise<Runner> {
  const checkpointDir = groupCheckpointDir(options.checkpointDir, group);
  const { store, latest } = await CheckpointStore.open(checkpointDir, {
    dataflow: `${plan.namespace}/${plan.name}`,
    log: options.log,
  });
  let fluvio: Fluvio | undefined;
  try {
    const engine = new DataflowEngine(module, {
      env: options.env ?? {},
      seed: [randomInt(SEED_END), randomInt(SEED_END)],
      log: (message) => options.log({ level: "info", message, fields: { dataflow: plan.name } }),
    });
    if (latest !== undefined) restoreState(engine, latest, checkpointDir);
    fluvio = await connectFluvio(options.endpoint, { dataflow: plan.name, log: options.log });
    const runner = new Runner({ options, group, checkpointDir, plan, engine, store, fluvio });
    await runner.open(latest);
    return runner;
  } catch (cause) {
    await fluvio?.close();
    await store.close();
    throw cause;
  }
}

function restoreState(engine: DataflowEngine, { state }: Checkpoint, checkpointDir: string): void {
  try {
    engine.restore(state);
  } catch (cause) {
    throw new RunnerError(
      "checkpoint_refused",
      `${cause instanceof Error ? cause.message : String(cause)} Run the dataflow that wrote ${checkpointDir}, or remove it to start with empty state from the beginning of the topics.`,
      { cause },
    );
  }
}
