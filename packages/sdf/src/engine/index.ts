export {
  DataflowEngine,
  type EngineOptions,
  type InputBatch,
  type Query,
  type QueryAnswer,
  type Rejection,
} from "./engine.ts";
export { EngineError, type EngineErrorCode } from "./errors.ts";
export {
  ABI_VERSION,
  readHash,
  readPlan,
  type Plan,
  type PlanOperator,
  type PlanService,
  type PlanSink,
  type PlanSource,
  type PlanStart,
} from "./plan.ts";
export type { EngineStats, OperatorStats, ServiceStats } from "./stats.ts";
export type { InputRecord, OutputRecord } from "./record-table.ts";
