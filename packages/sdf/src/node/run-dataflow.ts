/** Starts a dataflow: its module, its last checkpoint, Fluvio, and then the runner. */
import type { Fluvio } from "@arenaflow/fluvio/client";
import { DataflowEngine } from "../engine/index.ts";
import { type Checkpoint, CheckpointStore } from "./checkpoint.ts";
import { connectFluvio } from "./connect-fluvio.ts";
import { loadDataflow } from "./load-dataflow.ts";
import { RunnerError } from "./runner-error.ts";
import { type RunDataflowOptions, Runner, type RunningDataflow } from "./runner.ts";

/**
 * Starts a dataflow. Missing topics are created.
 * @throws RunnerError when the dataflow, its checkpoint or Fluvio is not as needed; EngineError
 * when dataflow.wasm is not a dataflow's module
 */
export async function runDataflow(options: RunDataflowOptions): Promise<RunningDataflow> {
  const { module, plan } = await loadDataflow(options.dir, options.log);
  const { store, latest } = await CheckpointStore.open(options.checkpointDir, {
    dataflow: `${plan.namespace}/${plan.name}`,
    log: options.log,
  });
  let fluvio: Fluvio | undefined;
  try {
    const engine = new DataflowEngine(module, {
      log: (message) => options.log({ level: "info", message, fields: { dataflow: plan.name } }),
    });
    if (latest !== undefined) restoreState(engine, latest, options);
    fluvio = await connectFluvio(options.endpoint, { dataflow: plan.name, log: options.log });
    const runner = new Runner({ options, plan, engine, store, fluvio });
    await runner.open(latest);
    return runner;
  } catch (cause) {
    await fluvio?.close();
    await store.close();
    throw cause;
  }
}

function restoreState(
  engine: DataflowEngine,
  { state }: Checkpoint,
  { checkpointDir }: RunDataflowOptions,
): void {
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
