/** A line of the account: what should be, and what is. */
export interface AccountLine {
  readonly what: string;
  readonly expected: number | string;
  readonly found: number | string;
  readonly holds: boolean;
}

export function equal(
  what: string,
  expected: number | string,
  found: number | string,
): AccountLine {
  return { what, expected, found, holds: expected === found };
}

export function between(what: string, found: number, least: number, most: number): AccountLine {
  const expected = least === most ? least : `${least} to ${most}`;
  return { what, expected, found, holds: found >= least && found <= most };
}

/** Compares what was told of each key with the model, one by one; a line says how many were right. */
export class Comparison {
  readonly #what: string;
  readonly #wrong: string[] = [];
  #right = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** Every field that the model gives must be what was told. */
  same(key: string, expected: object | undefined, told: object | undefined): void {
    const fields = Object.keys(expected ?? {});
    const view = told && Object.fromEntries(fields.map((name) => [name, Reflect.get(told, name)]));
    this.#note(key, expected && text(expected), view && text(view));
  }

  within(key: string, told: number, least: number, most: number): void {
    if (told >= least && told <= most) this.#right += 1;
    else this.#wrong.push(`${key}: told ${told}, should be ${least} to ${most}`);
  }

  #note(key: string, expected: string | undefined, told: string | undefined): void {
    if (expected === told) this.#right += 1;
    else this.#wrong.push(`${key}: told ${told ?? "nothing"}, should be ${expected ?? "nothing"}`);
  }

  get line(): AccountLine {
    const expected = this.#right + this.#wrong.length;
    const line = equal(this.#what, expected, this.#right);
    return { ...line, what: [this.#what, ...this.#wrong.slice(0, 3)].join("\n    ") };
  }
}

/** With the fields in the order of their names, and what is not there left out. */
function text(value: object): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([, field]) => field !== null && field !== undefined)
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}
