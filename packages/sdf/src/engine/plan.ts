/**
 * What a module says about itself: its plan (topics, services, operators) and the hash of what it
 * was made from, both in custom sections.
 */
import { EngineError } from "./errors.ts";

/** Version of the interface in ABI.md that this host speaks. */
export const ABI_VERSION = 1;

export interface PlanStart {
  readonly position: "beginning" | "end" | "offset";
  /** Records to skip from the beginning or back from the end; the offset itself for `offset`. */
  readonly value: number;
}

export interface PlanSource {
  readonly topic: string;
  readonly start: PlanStart;
}

export interface PlanSink {
  readonly topic: string;
}

export interface PlanOperator {
  readonly id: number;
  readonly service: string;
  readonly kind: string;
  readonly name: string;
  /** Line of dataflow.yaml. */
  readonly line: number;
}

export interface PlanState {
  readonly name: string;
  /** Type of its key. */
  readonly key: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export interface PlanService {
  readonly name: string;
  /** Indices in the plan's sources and sinks. */
  readonly sources: readonly number[];
  readonly sinks: readonly number[];
  readonly window: {
    readonly kind: "tumbling" | "sliding";
    readonly duration_ms: number;
    readonly slide_ms: number;
    readonly grace_ms: number;
    readonly idleness_ms: number | null;
  } | null;
  readonly states: readonly PlanState[];
}

export interface PlanSchedule {
  readonly topic: string;
  /** Five fields, in UTC. */
  readonly cron: string;
}

/** The part of a module's plan that a host needs. */
export interface Plan {
  readonly abi: number;
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  readonly sources: readonly PlanSource[];
  readonly sinks: readonly PlanSink[];
  readonly services: readonly PlanService[];
  readonly operators: readonly PlanOperator[];
  /** Environment variables that operators ask for by name. */
  readonly env: readonly string[];
  /** Sources that the runner writes to itself, at times. Absent without any. */
  readonly schedules?: readonly PlanSchedule[];
}

/**
 * Reads the plan that a dataflow module carries.
 * @throws EngineError `not_a_dataflow` when there is none or it is for another interface
 */
export function readPlan(module: WebAssembly.Module): Plan {
  const text = readSection(module, "sdf.plan");
  if (text === undefined) {
    throw new EngineError(
      "not_a_dataflow",
      "The Wasm module has no section sdf.plan: it was not built from a dataflow. Build it with `npm run build`.",
    );
  }
  const plan = JSON.parse(text) as Plan;
  if (plan.abi !== ABI_VERSION) {
    throw new EngineError(
      "not_a_dataflow",
      `The module of dataflow ${plan.name} speaks interface version ${plan.abi}, this host ${ABI_VERSION}. Build it again with \`npm run build\`.`,
    );
  }
  return plan;
}

/** The hash of what the module was made from, or `undefined` when it carries none. */
export function readHash(module: WebAssembly.Module): string | undefined {
  return readSection(module, "sdf.hash");
}

function readSection(module: WebAssembly.Module, name: string): string | undefined {
  const section = WebAssembly.Module.customSections(module, name)[0];
  return section === undefined ? undefined : new TextDecoder().decode(section);
}
