/** Answers that say what happened, why, and what to do next (RFC 9457). */

export interface Problem {
  readonly status: 400 | 401 | 404 | 405 | 413 | 500 | 503;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** For a wrong value: where it is, what was expected, what came. */
  readonly field?: string;
  readonly expected?: string;
  readonly got?: string;
}

/** Builds an `application/problem+json` answer, on one line without a line end: http-source in streaming mode then takes none of it for a record. */
export function problemResponse(problem: Problem): Response {
  const body = { type: "about:blank", ...problem, request_id: crypto.randomUUID() };
  return new Response(JSON.stringify(body), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}

/** A value in the request that is not what was expected. */
export function badValue(what: {
  status?: 400 | 404;
  code?: string;
  field: string;
  expected: string;
  got: string;
}): Response {
  const { status = 400, code = "invalid_value", field, expected, got } = what;
  const detail = `${field} must be ${expected}, but it is ${got}. Correct it and send the request again.`;
  const title = status === 404 ? "Not found" : "The request has a wrong value";
  return problemResponse({ status, code, title, detail, field, expected, got });
}
