/**
 * Which topics' readers all begin with the same map: it is run once per record, and its result is what
 * the readers get. The same is the same text of the same function, so nobody can tell the difference.
 */
import type { Dataflow, Operator } from "../document/ir.ts";
import { keyValue } from "../document/rust-types.ts";

export class Sharing {
  readonly #dataflow: Dataflow;
  readonly #known = new Map<string, readonly Operator[]>();

  constructor(dataflow: Dataflow) {
    this.#dataflow = dataflow;
  }

  /** The first operators of all readers of a topic, when they are the same map; else none. */
  of(topic: string): readonly Operator[] {
    let known = this.#known.get(topic);
    if (known === undefined) {
      known = this.#find(topic);
      this.#known.set(topic, known);
    }
    return known;
  }

  #find(topic: string): readonly Operator[] {
    const firsts = this.#dataflow.services.flatMap((service) =>
      service.sources
        .filter((edge) => edge.topic === topic)
        .map((edge) => [...edge.transforms, ...service.transforms][0]),
    );
    const [first] = firsts;
    if (first === undefined || firsts.length < 2 || !isAlone(first)) return [];
    const same = firsts.filter(
      (operator) => operator !== undefined && textOf(operator) === textOf(first),
    );
    return same.length === firsts.length ? (same as Operator[]) : [];
  }
}

/** A map that takes no key, gives none, and whose function may be called by others. */
function isAlone({ kind, signature, codeFile }: Operator): boolean {
  return (
    kind === "map" &&
    codeFile !== undefined &&
    signature.parameters.length === 1 &&
    keyValue(signature.output) === undefined
  );
}

function textOf({ kind, signature, code }: Operator): string {
  return [kind, signature.name, ...code].join("\n");
}
