/** The counters of several groups of a dataflow as those of one. */
import type { EngineStats, OperatorStats, ServiceStats } from "../engine/index.ts";
import type { Offsets } from "./checkpoint.ts";
import type { DataflowStats } from "./running-dataflow.ts";

export function mergeStats(name: string, all: readonly DataflowStats[]): DataflowStats {
  return {
    name,
    offsets: all.map(({ offsets }) => offsets).reduce(mergeOffsets, {}),
    written: all.map(({ written }) => written).reduce(addUp, {}),
    pendingOutputs: sum(all.map(({ pendingOutputs }) => pendingOutputs)),
    dropped: sum(all.map(({ dropped }) => dropped)),
    engine: mergeEngines(all.map(({ engine }) => engine)),
  };
}

function mergeOffsets(merged: Offsets, offsets: Offsets): Offsets {
  const topics = Object.entries(offsets).map(
    ([topic, partitions]) => [topic, { ...merged[topic], ...partitions }] as const,
  );
  return { ...merged, ...Object.fromEntries(topics) };
}

type Counts = Readonly<Record<string, number>>;

function addUp(total: Counts, counts: Counts): Counts {
  const added = Object.entries(counts).map(
    ([name, count]) => [name, (total[name] ?? 0) + count] as const,
  );
  return { ...total, ...Object.fromEntries(added) };
}

function mergeEngines(all: readonly EngineStats[]): EngineStats {
  const operators = all[0]?.operators ?? [];
  const services = all[0]?.services ?? [];
  return {
    operators: operators.map((operator, index) =>
      mergeOperators(
        operator,
        all.flatMap((engine) => engine.operators[index] ?? []),
      ),
    ),
    services: services.map((service, index) =>
      mergeServices(
        service,
        all.flatMap((engine) => engine.services[index] ?? []),
      ),
    ),
    memory_bytes: sum(all.map(({ memory_bytes }) => memory_bytes)),
  };
}

function mergeOperators(operator: OperatorStats, twins: readonly OperatorStats[]): OperatorStats {
  return {
    ...operator,
    succeeded: sum(twins.map(({ succeeded }) => succeeded)),
    failed: sum(twins.map(({ failed }) => failed)),
    filtered: sum(twins.map(({ filtered }) => filtered)),
  };
}

function mergeServices({ name }: ServiceStats, twins: readonly ServiceStats[]): ServiceStats {
  const marks = twins.flatMap(({ watermark }) => watermark ?? []);
  return {
    name,
    late: sum(twins.map(({ late }) => late)),
    open_windows: sum(twins.map(({ open_windows }) => open_windows)),
    flushed: sum(twins.map(({ flushed }) => flushed)),
    watermark: marks.length === 0 ? null : Math.min(...marks),
    rows: sum(twins.map(({ rows }) => rows)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
