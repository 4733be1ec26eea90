/** How a failure becomes an answer. */
import { Problem } from "./problem.ts";
import { MisconfiguredError } from "./settings.ts";

/** What is told of a request that failed. */
export interface FailedRequest {
  readonly requestId: string;
  /** Method and route; not the path, which may name a player. */
  readonly where: string;
}

/** The answer to a request that ended with an error. */
export function failureAnswer(error: unknown, { requestId, where }: FailedRequest): Response {
  if (error instanceof Problem) return error.toResponse(requestId);
  if (error instanceof MisconfiguredError) {
    return new Problem("misconfigured", error.message).toResponse(requestId);
  }
  // Whatever fails without being foreseen, mostly a Journal that restarts. Nothing is known about what
  // was stored, so a writer is told to keep its events: 503 with an empty body.
  // oxlint-disable-next-line no-console -- the Worker's log is the only place for what we did not foresee
  console.error(`request ${requestId} ${where} failed:`, error);
  const headers = { "retry-after": "1", "x-request-id": requestId };
  return new Response(null, { status: 503, headers });
}
