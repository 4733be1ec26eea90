export { type DataflowTestResult, runDataflowTests } from "./dataflow-tests.ts";
export type { DataflowGraph } from "./graph.ts";
export {
  type GraphPublisher,
  type GraphPublisherOptions,
  startGraphPublisher,
} from "./graph-publisher.ts";
export { type Inspector, startInspector } from "./inspector.ts";
export { loadDataflow, type LoadedDataflow } from "./load-dataflow.ts";
export type { Log, LogLine } from "./log.ts";
export { runDataflow } from "./run-dataflow.ts";
export type {
  DataflowStats,
  GroupAnswer,
  RunDataflowOptions,
  RunningDataflow,
} from "./running-dataflow.ts";
export {
  findDataflows,
  runDataflowFolders,
  runDataflows,
  type RunDataflowsOptions,
  type RunningDataflows,
} from "./run-dataflows.ts";
export { RunnerError, type RunnerErrorCode } from "./runner-error.ts";
export { callFunction, type FunctionCall, type FunctionResult } from "./test-function.ts";
