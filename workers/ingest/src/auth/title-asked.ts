/** Which title a request is about. A key of one title never reaches another one. */
import type { Incoming } from "../incoming.ts";
import { Problem } from "../problem.ts";
import { EVERY_TITLE, TITLE_EXPECTED, TITLE_NAME, type Principal } from "./keys.ts";

/**
 * The title named by `?title=`, or the key's own.
 * @throws Problem `forbidden` when the key is of another title, `invalid_query` when none is named
 */
export function titleAsked(c: Incoming, principal: Principal): string {
  const asked = c.req.query("title");
  if (asked === undefined || asked === "") {
    if (principal.title !== EVERY_TITLE) return principal.title;
    throw new Problem(
      "invalid_query",
      "This key is of no title, so the request has to name one: add ?title=<title>. GET /v1/titles lists them.",
      { field: "title", expected: "a title", got: "nothing" },
    );
  }
  if (!principal.everyTitle) {
    if (asked === principal.title) return asked;
    throw new Problem(
      "forbidden",
      `This key is of the title ${principal.title} and reaches no other. Leave ?title= out.`,
      { field: "title", expected: principal.title, got: asked },
    );
  }
  if (TITLE_NAME.test(asked)) return asked;
  throw new Problem(
    "invalid_query",
    `The query parameter "title" is ${JSON.stringify(asked)}, expected ${TITLE_EXPECTED}.`,
    { field: "title", expected: TITLE_EXPECTED, got: asked },
  );
}
