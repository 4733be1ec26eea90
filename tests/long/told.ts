/** What a dataflow and its model have told, matched one by one. What both have told is not kept. */
import type { Comparison, Fields, LongModel } from "./models.ts";

type Side = 1 | -1;

export class Told {
  readonly equal: Record<string, number> = {};
  readonly #of: LongModel;
  /** Told by the dataflow (above 0) or the model (below) and not yet by the other. */
  readonly #unmatched = new Map<string, number>();
  readonly #once = new Set<string>();
  /** What is so now, as the dataflow and as the model say, by what it is told of. */
  readonly #now = { dataflow: new Map<string, () => void>(), model: new Map<string, () => void>() };
  readonly #last = new Map<string, () => void>();

  constructor(of: LongModel) {
    this.#of = of;
    for (const topic of of.insights) this.equal[topic] = 0;
  }

  byDataflow(topic: string, value: Fields): void {
    this.#tell(topic, value, 1);
  }

  byModel(topic: string, value: Fields): void {
    this.#tell(topic, value, -1);
  }

  /** A batch is done. */
  settle(): void {
    const { dataflow, model } = this.#now;
    for (const [of, match] of dataflow) {
      match();
      model.get(of)?.();
    }
    dataflow.clear();
    model.clear();
  }

  finish(): void {
    this.settle();
    for (const match of this.#last.values()) match();
  }

  /** Told by one of the two so far. */
  get unmatched(): number {
    return this.#unmatched.size;
  }

  differences(most: number): string[] {
    return [...this.#unmatched]
      .slice(0, most)
      .map(([text, count]) => `only ${count > 0 ? "the dataflow" : "the model"}: ${text}`);
  }

  #tell(topic: string, told: Fields, side: Side): void {
    const each: Comparison = { how: "each", of: "", value: told };
    const { how, of, value } = this.#of.compare?.(topic, told) ?? each;
    const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const text = `${topic} ${JSON.stringify(Object.fromEntries(fields))}`;
    const match = (): void => this.#match(topic, text, side);
    const now = side === 1 ? this.#now.dataflow : this.#now.model;
    if (how === "now") now.set(`${topic} ${of}`, match);
    else if (how === "last") this.#last.set(`${side} ${topic} ${of}`, match);
    else if (how === "each") match();
    else if (!this.#once.has(`${side} ${text}`)) {
      this.#once.add(`${side} ${text}`);
      match();
    }
  }

  #match(topic: string, text: string, side: Side): void {
    const count = (this.#unmatched.get(text) ?? 0) + side;
    if (count * side <= 0) this.equal[topic] = (this.equal[topic] ?? 0) + 1;
    if (count === 0) this.#unmatched.delete(text);
    else this.#unmatched.set(text, count);
  }
}
