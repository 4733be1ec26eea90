/** Starts a dataflow in this thread, or in several. */
import { loadDataflow } from "./load-dataflow.ts";
import { ONE_GROUP, refuseOtherGroups } from "./partition-group.ts";
import { runGroup } from "./run-group.ts";
import type { RunDataflowOptions, RunningDataflow } from "./running-dataflow.ts";
import { runSharedGroups } from "./shared-groups.ts";
import { runInThreads } from "./threads.ts";

/**
 * Starts a dataflow. Missing topics are created.
 * @throws RunnerError when the dataflow, its checkpoint or Fluvio is not as needed; EngineError
 * when dataflow.wasm is not a dataflow's module
 */
export async function runDataflow(options: RunDataflowOptions): Promise<RunningDataflow> {
  const { groups, threads = 1 } = options;
  const dataflow = await loadDataflow(options.dir, options.log);
  await refuseOtherGroups(options.checkpointDir, threads);
  if (groups !== undefined) {
    return runSharedGroups(options, dataflow, { count: threads, own: groups });
  }
  if (threads === 1) return runGroup(options, dataflow, ONE_GROUP);
  return runInThreads(options, dataflow, threads);
}
