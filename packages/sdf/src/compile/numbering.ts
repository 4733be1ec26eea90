/** Numbers for what the module and its host speak of: operators, sources, sinks. All follow the order of the file. */
import type { Dataflow, Edge, Operator, Topic } from "../document/ir.ts";
import { operatorsOf } from "../document/operators.ts";

export interface NumberedOperator {
  readonly id: number;
  readonly service: string;
  readonly kind: string;
  readonly name: string;
  readonly line: number;
  /** Absent for the decoding of a source and the encoding of a sink. */
  readonly operator?: Operator;
}

export interface Numbering {
  readonly operators: readonly NumberedOperator[];
  readonly sources: readonly Topic[];
  readonly sinks: readonly Topic[];
  readonly idOf: ReadonlyMap<Operator | Edge, number>;
}

export function numberDataflow(dataflow: Dataflow): Numbering {
  const operators: NumberedOperator[] = [];
  const idOf = new Map<Operator | Edge, number>();
  const add = (key: Operator | Edge, entry: Omit<NumberedOperator, "id">): void => {
    idOf.set(key, operators.length);
    operators.push({ id: operators.length, ...entry });
  };
  for (const service of dataflow.services) {
    for (const edge of service.sources)
      add(edge, { service: service.name, kind: "source", name: edge.topic, line: edge.at.line });
    for (const operator of operatorsOf(service)) {
      const { kind, signature, at } = operator;
      add(operator, { service: service.name, kind, name: signature.name, line: at.line, operator });
    }
  }
  const topic = (edge: Edge): Topic => {
    const found = dataflow.topics.find((candidate) => candidate.id === edge.topic);
    if (found === undefined) throw new Error(`topic ${edge.topic} was not checked`);
    return found;
  };
  const sources = [...new Set(dataflow.services.flatMap((service) => service.sources.map(topic)))];
  const sinks = [...new Set(dataflow.services.flatMap((service) => service.sinks.map(topic)))];
  return { operators, sources, sinks, idOf };
}
