/**
 * The room's one error vocabulary: every code, its HTTP status and its title. Answers follow
 * RFC 9457 (`application/problem+json`) with `code` and `request_id` beside the standard members.
 */
export const PROBLEMS = {
  invalid_json: { status: 400, title: "The body is not valid JSON" },
  no_events: { status: 400, title: "The body holds no events" },
  nothing_accepted: { status: 400, title: "None of the events was accepted" },
  invalid_field: { status: 400, title: "A field of the body is wrong" },
  invalid_header: { status: 400, title: "A header is wrong" },
  rate_limited: { status: 429, title: "Too many requests" },
  invalid_query: { status: 400, title: "A query parameter is wrong" },
  unauthorized: { status: 401, title: "The key is missing or unknown" },
  forbidden: { status: 403, title: "The key may not do this" },
  origin_not_allowed: { status: 403, title: "This page may not use the key" },
  unknown_topic: { status: 404, title: "There is no such topic" },
  not_found: { status: 404, title: "There is nothing at this path" },
  method_not_allowed: { status: 405, title: "This path has no such method" },
  body_too_large: { status: 413, title: "The body is too large" },
  too_many_events: { status: 413, title: "The body holds too many events" },
  unsupported_media_type: { status: 415, title: "The body has a type that is not understood" },
  upgrade_required: { status: 426, title: "This path speaks WebSocket" },
  internal: { status: 500, title: "Something failed on our side" },
  misconfigured: { status: 503, title: "This deployment is not configured safely" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Members beside the standard ones, such as `field`, `expected`, `got`, `line`. */
export type ProblemDetails = { readonly [member: string]: unknown };

/** An expected failure of a request, on its way to becoming the answer. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly more: ProblemDetails;

  /**
   * @param code what went wrong; it decides the status
   * @param detail what happened, why, and what to do next
   */
  constructor(code: ProblemCode, detail: string, more: ProblemDetails = {}) {
    super(detail);
    this.code = code;
    this.more = more;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  toResponse(requestId: string): Response {
    const { status, title } = PROBLEMS[this.code];
    const body = {
      type: "about:blank",
      title,
      status,
      detail: this.message,
      code: this.code,
      ...this.more,
      request_id: requestId,
    };
    const headers: Record<string, string> = {
      "content-type": "application/problem+json",
      "x-request-id": requestId,
    };
    const { retry_after: retryAfter } = this.more;
    if (typeof retryAfter === "number") headers["retry-after"] = String(retryAfter);
    if (status === 401) headers["www-authenticate"] = 'Bearer realm="arenaflow"';
    return new Response(`${JSON.stringify(body)}\n`, { status, headers });
  }
}
