/** What a host needs to know about a module; ABI.md describes it. */
import type { Dataflow, StartingOffset } from "../document/ir.ts";
import { environmentOf } from "./environment.ts";
import { ownStates } from "./generate-states.ts";
import type { Numbering } from "./numbering.ts";

export interface Plan {
  readonly abi: number;
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  readonly sources: readonly {
    readonly topic: string;
    readonly start: StartingOffset;
    readonly consumer: Readonly<Record<string, unknown>>;
  }[];
  readonly sinks: readonly {
    readonly topic: string;
    readonly producer: Readonly<Record<string, unknown>>;
  }[];
  readonly services: readonly PlanService[];
  readonly operators: readonly {
    readonly id: number;
    readonly service: string;
    readonly kind: string;
    readonly name: string;
    readonly line: number;
  }[];
  readonly env: readonly string[];
}

export interface PlanService {
  readonly name: string;
  /** Indices in the plan's lists. */
  readonly sources: readonly number[];
  readonly sinks: readonly number[];
  readonly window: {
    readonly kind: "tumbling" | "sliding";
    readonly duration_ms: number;
    readonly slide_ms: number;
    readonly grace_ms: number;
    readonly idleness_ms: number | null;
  } | null;
  readonly states: readonly {
    readonly name: string;
    readonly key: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
  }[];
}

const ABI_VERSION = 1;

export function makePlan(dataflow: Dataflow, numbering: Numbering): Plan {
  const { sources, sinks, operators } = numbering;
  return {
    abi: ABI_VERSION,
    name: dataflow.name,
    namespace: dataflow.namespace,
    version: dataflow.version,
    sources: sources.map(({ name, start, consumer }) => ({ topic: name, start, consumer })),
    sinks: sinks.map(({ name, producer }) => ({ topic: name, producer })),
    services: planServices(dataflow, numbering),
    operators: operators.map(({ id, service, kind, name, line }) => ({
      id,
      service,
      kind,
      name,
      line,
    })),
    env: environmentOf(dataflow),
  };
}

function planServices(dataflow: Dataflow, { sources, sinks }: Numbering): PlanService[] {
  return dataflow.services.map((service) => {
    const { window } = service;
    return {
      name: service.name,
      sources: service.sources.map((edge) => sources.findIndex((topic) => topic.id === edge.topic)),
      sinks: service.sinks.map((edge) => sinks.findIndex((topic) => topic.id === edge.topic)),
      window:
        window === undefined
          ? null
          : {
              kind: window.kind,
              duration_ms: window.durationMs,
              slide_ms: window.slideMs,
              grace_ms: window.graceMs,
              idleness_ms: window.idlenessMs ?? null,
            },
      states: ownStates(service).map(({ name, key, value }) => ({
        name,
        key,
        columns:
          value.kind === "primitive"
            ? [{ name: "value", type: value.primitive }]
            : value.columns.map((column) => ({ name: column.name, type: column.primitive })),
      })),
    };
  });
}
