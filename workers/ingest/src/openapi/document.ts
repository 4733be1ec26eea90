/** The OpenAPI document: every route, with what it takes and what it answers. */
import { EVENT_TOPICS, LIMITS } from "@arenaflow/events";

import { PROBLEMS, type ProblemCode } from "../problem.ts";
import { OPERATIONS, type Operation } from "./operations.ts";
import { eventSchema, PROBLEM_SCHEMA, RECEIPT_SCHEMA, ref, type Schema } from "./schemas.ts";

/** Makes the document. */
export function openApiDocument(): Schema {
  const events = Object.fromEntries(EVENT_TOPICS.map((topic) => [topic, eventSchema(topic)]));
  const paths: Record<string, Record<string, Schema>> = {};
  for (const one of OPERATIONS) (paths[one.path] ??= {})[one.method] = operation(one);
  return {
    openapi: "3.1.0",
    info: {
      title: "Arenaflow ingest",
      version: "1",
      description: "Takes the events of games in, and gives insights out.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer" },
        signature: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "HMAC-SHA256 of the body with the game's secret, in Base64",
        },
      },
      schemas: { ...events, receipt: RECEIPT_SCHEMA, problem: PROBLEM_SCHEMA },
    },
    security: [{ key: [] }],
    paths,
  };
}

function operation(one: Operation): Schema {
  const { summary, access, parameters, body, answer, problems, problemBody = "problem" } = one;
  return {
    summary,
    description: describeAccess(access),
    ...(typeof access === "object"
      ? {}
      : { security: access === "signed" ? [{ signature: [] }] : [] }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.schema === undefined
          ? {}
          : { content: { [answer.type ?? "application/json"]: { schema: answer.schema } } }),
      },
      ...problemResponses(problems, problemBody),
      ...(one.keep === true ? { 503: KEEP_AND_RETRY } : {}),
    },
  };
}

function describeAccess(access: Operation["access"]): string {
  if (access === "anyone") return "Needs no key.";
  if (access === "signed") return "Needs a signature with the game's secret.";
  return `Needs a key with the role ${access.map((role) => `"${role}"`).join(" or ")}.`;
}

function requestBody({ schema, lines }: NonNullable<Operation["body"]>): Schema {
  return {
    required: true,
    ...(lines
      ? {
          description: `At most ${LIMITS.bodyBytesMax} bytes. NDJSON has one event per line. gzip is taken.`,
        }
      : {}),
    content: {
      "application/json": { schema },
      ...(lines ? { "application/x-ndjson": { schema: { type: "string" } } } : {}),
    },
  };
}

const KEEP_AND_RETRY: Schema = {
  description: "Keep the events and send them again after Retry-After seconds. The body is empty.",
  headers: { "Retry-After": { schema: { type: "integer" } } },
};

/** Problems by status: several codes may share one. */
function problemResponses(
  codes: readonly ProblemCode[],
  body: NonNullable<Operation["problemBody"]>,
): Schema {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  const content = {
    problem: { "application/problem+json": { schema: ref("problem") } },
    json: { "application/json": { schema: {} } },
    empty: undefined,
  }[body];
  return Object.fromEntries(
    Array.from(byStatus, ([status, shared]) => {
      const titles = shared.map((code) => `${code}: ${PROBLEMS[code].title}`);
      return [
        status,
        { description: titles.join(". "), ...(content === undefined ? {} : { content }) },
      ];
    }),
  );
}
