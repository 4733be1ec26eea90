export {
  DataflowEngine,
  type EngineOptions,
  type EngineStats,
  type InputBatch,
  type OperatorStats,
  type Rejection,
  type ServiceStats,
} from "./engine.ts";
export { EngineError, type EngineErrorCode } from "./errors.ts";
export {
  ABI_VERSION,
  readHash,
  readPlan,
  type Plan,
  type PlanOperator,
  type PlanSink,
  type PlanSource,
  type PlanStart,
} from "./plan.ts";
export type { InputRecord, OutputRecord } from "./record-table.ts";
