export { type DataflowTestResult, runDataflowTests } from "./dataflow-tests.ts";
export { loadDataflow, type LoadedDataflow } from "./load-dataflow.ts";
export type { Log, LogLine } from "./log.ts";
export { runDataflow } from "./run-dataflow.ts";
export type { DataflowStats, RunDataflowOptions, RunningDataflow } from "./runner.ts";
export {
  findDataflows,
  runDataflows,
  type RunDataflowsOptions,
  type RunningDataflows,
} from "./run-dataflows.ts";
export { RunnerError, type RunnerErrorCode } from "./runner-error.ts";
