/** Reads query parameters. */
import type { Context } from "hono";

import type { App } from "../app.ts";
import { Problem } from "../problem.ts";

/**
 * A whole number from the query.
 * @returns `undefined` when the parameter is absent
 * @throws Problem `invalid_query` when it is anything else
 */
export function wholeNumber(
  c: Context<App>,
  name: string,
  span: { readonly min: number; readonly max: number },
): number | undefined {
  const text = c.req.query(name);
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= span.min && value <= span.max) return value;
  const expected = `a whole number from ${span.min} to ${span.max}`;
  throw new Problem(
    "invalid_query",
    `The query parameter "${name}" is ${JSON.stringify(text)}, expected ${expected}.`,
    { field: name, expected, got: text },
  );
}
