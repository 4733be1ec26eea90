export { type DataflowTestResult, runDataflowTests } from "./dataflow-tests.ts";
export { loadDataflow, type LoadedDataflow } from "./load-dataflow.ts";
export type { Log, LogLine } from "./log.ts";
export {
  type DataflowStats,
  runDataflow,
  type RunDataflowOptions,
  type RunningDataflow,
} from "./run-dataflow.ts";
export {
  findDataflows,
  runDataflows,
  type RunDataflowsOptions,
  type RunningDataflows,
} from "./run-dataflows.ts";
export { RunnerError, type RunnerErrorCode } from "./runner-error.ts";
