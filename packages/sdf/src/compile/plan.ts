/** What a host needs to know about a module; ABI.md describes it. */
import type { Dataflow } from "../document/ir.ts";
import {
  ABI_VERSION,
  type Plan as EnginePlan,
  type PlanService,
  type PlanSink,
  type PlanSource,
} from "../engine/plan.ts";
import { environmentOf } from "./environment.ts";
import { ownStates } from "./generate-states.ts";
import type { Numbering } from "./numbering.ts";

/** What the engine reads, and the settings that SDF's own workers would. */
export interface Plan extends EnginePlan {
  readonly sources: readonly (PlanSource & {
    readonly consumer: Readonly<Record<string, unknown>>;
  })[];
  readonly sinks: readonly (PlanSink & { readonly producer: Readonly<Record<string, unknown>> })[];
}

export function makePlan(dataflow: Dataflow, numbering: Numbering): Plan {
  const { sources, sinks, operators } = numbering;
  const schedules = sources.flatMap(({ name, cron }) =>
    cron === undefined ? [] : [{ topic: name, cron }],
  );
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
    ...(schedules.length === 0 ? {} : { schedules }),
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
