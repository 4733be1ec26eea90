/** Functions, aggregates and types of SQL by name: those of runtime/sql/functions.rs and parse_expr.rs. */
import { closest } from "../names.ts";
import { SqlProblem, type Token } from "./lexer.ts";

export const AGGREGATES = new Set(
  "count sum avg mean min max first last median stddev stdev std stddev_samp variance var var_samp".split(
    " ",
  ),
);
/** Least and most arguments. */
const FUNCTIONS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ...functions("coalesce ifnull concat greatest least", 0, Number.POSITIVE_INFINITY),
  ...functions("abs floor ceil ceiling sqrt ln exp sign", 1, 1),
  ...functions("round", 1, 2),
  ...functions("nullif pow power mod starts_with ends_with strpos left right", 2, 2),
  ...functions("lower upper trim ltrim rtrim reverse", 1, 1),
  ...functions("length char_length character_length octet_length", 1, 1),
  ...functions("replace", 3, 3),
  ...functions("substr substring", 2, 3),
]);
export const CASTS = new Set(
  "int integer bigint smallint int4 int8 float double real float8 float4 text varchar string char bool boolean".split(
    " ",
  ),
);
function functions(names: string, least: number, most: number) {
  return names.split(" ").map((name) => [name, [least, most] as const] as const);
}

/** @throws SqlProblem for a function that is not there, or not with so many arguments */
export function checkFunction(token: Token, name: string, count: number): void {
  const known = FUNCTIONS.get(name);
  if (known === undefined) {
    const near = closest(name, [...FUNCTIONS.keys(), ...AGGREGATES]);
    const hint =
      near === undefined ? "take the columns, and calculate in Rust" : `did you mean "${near}"?`;
    throw new SqlProblem(token.at, `the function ${name} is not supported`, hint);
  }
  const [least, most] = known;
  if (count >= least && count <= most) return;
  const takes = least === most ? `${least}` : `${least} to ${most}`;
  throw new SqlProblem(token.at, `the function ${name} takes ${takes} arguments, not ${count}`);
}
