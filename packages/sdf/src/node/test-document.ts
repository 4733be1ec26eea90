/** Reads the parsed YAML of a dataflow.test.yaml into tests, or says what in it is wrong. */
import { RunnerError } from "./runner-error.ts";

export interface TestRecord {
  readonly topic: string;
  /** When it was written to the topic, epoch milliseconds; `undefined`: when the step before was. */
  readonly atMs: number | undefined;
  readonly partition: number;
  readonly key: string | undefined;
  /** A string is the record's text as it is; anything else is written as JSON. */
  readonly value: unknown;
  /** Written so many times, with `{n}` in the value standing for 1, 2, 3, … */
  readonly repeat: number;
}

export interface TestWait {
  readonly waitMs: number;
}

export interface DataflowTest {
  readonly name: string;
  readonly in: readonly (TestRecord | TestWait)[];
  readonly out: Readonly<Record<string, readonly unknown[]>>;
  readonly finish: boolean;
  readonly late: number;
  readonly dropped: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** @throws RunnerError `invalid_test` */
export function parseDataflowTests(document: unknown, file: string): DataflowTest[] {
  const fields = fieldsOf(document, file, ["tests"]);
  return listOf(fields["tests"], `${file}: tests`).map((item, index) =>
    parseTest(item, `${file}: test ${index + 1}`),
  );
}

function parseTest(item: unknown, where: string): DataflowTest {
  const fields = fieldsOf(item, where, ["name", "in", "out", "finish", "late", "dropped"]);
  const { name, out, finish = true, late = 0, dropped = [] } = fields;
  if (typeof name !== "string") throw wrong(where, "needs a name");
  const here = `${where} (${name})`;
  if (typeof finish !== "boolean") throw wrong(here, "finish is true or false");
  if (typeof late !== "number") throw wrong(here, "late is a number of records");
  const expected: Record<string, readonly unknown[]> = {};
  for (const [topic, values] of Object.entries(fieldsOf(out, `${here}: out`))) {
    expected[topic] = listOf(values, `${here}: out.${topic}`);
  }
  return {
    name,
    in: listOf(fields["in"], `${here}: in`).map((step, index) =>
      parseStep(step, `${here}: in[${index}]`),
    ),
    out: expected,
    finish,
    late,
    dropped: listOf(dropped, `${here}: dropped`).map(String),
  };
}

function parseStep(step: unknown, where: string): TestRecord | TestWait {
  const fields = fieldsOf(step, where, [
    "topic",
    "at",
    "partition",
    "key",
    "value",
    "repeat",
    "wait",
  ]);
  const { topic, at, partition = 0, key, value, repeat = 1, wait } = fields;
  if (wait !== undefined) return { waitMs: parseDuration(wait, where) };
  if (typeof topic !== "string") throw wrong(where, "needs a topic, or wait");
  if (typeof partition !== "number") throw wrong(where, "partition is a number");
  if (key !== undefined && typeof key !== "string") throw wrong(where, "key is a text");
  if (value === undefined) throw wrong(where, "needs a value");
  if (typeof repeat !== "number") throw wrong(where, "repeat is a number of records");
  return { topic, atMs: parseAt(at, where), partition, key, value, repeat };
}

function parseAt(at: unknown, where: string): number | undefined {
  if (at === undefined || typeof at === "number") return at;
  const ms = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(ms)) throw wrong(where, "at is ISO 8601 or epoch milliseconds");
  return ms;
}

function parseDuration(value: unknown, where: string): number {
  const match = /^(\d+)(ms|s|m|h)$/.exec(String(value));
  if (match === null) throw wrong(where, "wait is a time such as 500ms, 3s or 1m");
  return Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
}

function fieldsOf(value: unknown, where: string, known?: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(where, "must be a mapping");
  }
  for (const name of Object.keys(value)) {
    if (known !== undefined && !known.includes(name)) {
      throw wrong(where, `has an unknown field ${name}; known are ${known.join(", ")}`);
    }
  }
  return value as Fields;
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(where, "must be a list");
  return value;
}

function wrong(where: string, what: string): RunnerError {
  return new RunnerError("invalid_test", `${where} ${what}.`);
}
