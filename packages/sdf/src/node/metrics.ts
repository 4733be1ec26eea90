/** Counters of running dataflows as Prometheus' text. */
import type { DataflowStats } from "./running-dataflow.ts";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: (stats: DataflowStats) => readonly Sample[];
}

const MS_PER_S = 1000;

const FAMILIES: readonly Family[] = [
  {
    name: "sdf_operator_records_total",
    type: "counter",
    help: "Records of an operator by result.",
    samples: ({ name: dataflow, engine }) =>
      engine.operators.flatMap(({ service, kind, name, succeeded, failed, filtered }) => {
        const labels = { dataflow, service, operator: name, kind };
        return Object.entries({ succeeded, failed, filtered }).map(
          ([result, value]) => [{ ...labels, result }, value] as const,
        );
      }),
  },
  {
    name: "sdf_late_records_total",
    type: "counter",
    help: "Records that came after their window had closed.",
    samples: perService(({ late }) => late),
  },
  {
    name: "sdf_windows_flushed_total",
    type: "counter",
    help: "Windows closed.",
    samples: perService(({ flushed }) => flushed),
  },
  {
    name: "sdf_open_windows",
    type: "gauge",
    help: "Windows open now.",
    samples: perService(({ open_windows }) => open_windows),
  },
  {
    name: "sdf_state_rows",
    type: "gauge",
    help: "Rows in the states of a service.",
    samples: perService(({ rows }) => rows),
  },
  {
    name: "sdf_watermark_seconds",
    type: "gauge",
    help: "Event time up to which windows are complete, seconds since the epoch.",
    samples: perService(({ watermark }) => (watermark === null ? undefined : watermark / MS_PER_S)),
  },
  {
    name: "sdf_next_offset",
    type: "gauge",
    help: "The next offset to read.",
    samples: ({ name: dataflow, offsets }) =>
      Object.entries(offsets).flatMap(([topic, partitions]) =>
        Object.entries(partitions).map(
          ([partition, offset]) => [{ dataflow, topic, partition }, offset] as const,
        ),
      ),
  },
  {
    name: "sdf_written_records_total",
    type: "counter",
    help: "Outputs by topic.",
    samples: ({ name: dataflow, written }) =>
      Object.entries(written).map(([topic, value]) => [{ dataflow, topic }, value] as const),
  },
  {
    name: "sdf_dropped_total",
    type: "counter",
    help: "Records and window results dropped.",
    samples: ({ name: dataflow, dropped }) => [[{ dataflow }, dropped]],
  },
  {
    name: "sdf_pending_outputs",
    type: "gauge",
    help: "Outputs that the server has not acknowledged yet.",
    samples: ({ name: dataflow, pendingOutputs }) => [[{ dataflow }, pendingOutputs]],
  },
  {
    name: "sdf_memory_bytes",
    type: "gauge",
    help: "Linear memory of the modules.",
    samples: ({ name: dataflow, engine }) => [[{ dataflow }, engine.memory_bytes]],
  },
];

function perService(
  valueOf: (service: DataflowStats["engine"]["services"][number]) => number | undefined,
): Family["samples"] {
  return ({ name: dataflow, engine }) =>
    engine.services.flatMap((service) => {
      const value = valueOf(service);
      return value === undefined ? [] : [[{ dataflow, service: service.name }, value] as const];
    });
}

export function toPrometheus(all: readonly DataflowStats[]): string {
  const lines = FAMILIES.flatMap(({ name, type, help, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...all.flatMap(samples).map(([labels, value]) => `${name}{${labelText(labels)}} ${value}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(",");
}
