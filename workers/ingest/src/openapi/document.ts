/** The OpenAPI document of the routes that game clients, servers and dashboards use. */
import { EVENT_TOPICS, INSIGHT_TOPICS, LIMITS } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import { PROBLEMS, type ProblemCode } from "../problem.ts";
import { eventSchema, PROBLEM_SCHEMA, RECEIPT_SCHEMA, type Schema } from "./schemas.ts";

interface Operation {
  readonly summary: string;
  readonly role: string;
  readonly parameters?: readonly Schema[];
  readonly body?: Schema;
  readonly answer: readonly [status: number, description: string, schema?: Schema];
  readonly problems: readonly ProblemCode[];
}

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const READ_PROBLEMS = ["unauthorized", "forbidden", "misconfigured"] as const;
const WRITE_PROBLEMS = [
  "invalid_json",
  "body_too_large",
  "unsupported_media_type",
  ...READ_PROBLEMS,
] as const;

/** Makes the document. */
export function openApiDocument(): Schema {
  const events = Object.fromEntries(EVENT_TOPICS.map((topic) => [topic, eventSchema(topic)]));
  return {
    openapi: "3.1.0",
    info: {
      title: "Arenaflow ingest",
      version: "1",
      description: "Takes the events of games in, and gives insights out.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: { ...events, receipt: RECEIPT_SCHEMA, problem: PROBLEM_SCHEMA },
    },
    security: [{ key: [] }],
    paths: {
      ...Object.fromEntries(
        EVENT_TOPICS.map((topic) => [`/v1/events/${topic}`, postEvents(topic)]),
      ),
      "/v1/events": postMixed(),
      "/v1/insights/{topic}": { get: operation(getInsights()) },
      "/v1/status": { get: operation(getStatus()) },
      "/v1/recent": { get: operation(getItems("The newest accepted events, newest first")) },
      "/v1/rejected/replay": { post: operation(replay()) },
      "/v1/rejected": { get: operation(getItems("The newest rejected events, newest first")) },
    },
  };
}

function postEvents(topic: string): Schema {
  return { post: operation(takeEvents(`Sends ${topic}`, ref(topic))) };
}

function postMixed(): Schema {
  const named = EVENT_TOPICS.map((topic) => ({
    allOf: [
      ref(topic),
      { type: "object", required: ["topic"], properties: { topic: { const: topic } } },
    ],
  }));
  return { post: operation(takeEvents("Sends events, each naming its topic", { oneOf: named })) };
}

function takeEvents(summary: string, event: Schema): Operation {
  const list = { type: "array", items: event, minItems: 1, maxItems: LIMITS.batchEventsMax };
  const batch = { type: "object", required: ["events"], properties: { events: list } };
  return {
    summary,
    role: "write",
    parameters: [
      {
        name: "Idempotency-Key",
        in: "header",
        schema: { type: "string" },
        description: "The same for a request that is sent again: its events are stored once",
      },
      {
        name: "X-Client-Time",
        in: "header",
        schema: { type: "string" },
        description:
          "The client's clock when it sends, ISO 8601 or epoch ms: its events' times are corrected by the difference",
      },
    ],
    body: { anyOf: [event, list, batch] },
    answer: [202, "At least one event was accepted, or all were accepted before", ref("receipt")],
    problems: [
      "no_events",
      "nothing_accepted",
      "invalid_header",
      "too_many_events",
      "rate_limited",
      ...WRITE_PROBLEMS,
    ],
  };
}

function getInsights(): Operation {
  const time = { type: "integer", minimum: 0 };
  return {
    summary: "Reads the history of one kind of insight, oldest first",
    role: "read",
    parameters: [
      { name: "topic", in: "path", required: true, schema: { enum: INSIGHT_TOPICS } },
      query("since", time, "Windows that end at or after this time, epoch ms; else the newest"),
      query("until", time, "Windows that end before this time, epoch ms"),
      query("limit", { type: "integer", minimum: 1, maximum: INGEST_LIMITS.insightsMax }, "Items"),
    ],
    answer: [200, "Items, and the `since` of the next page or null"],
    problems: ["invalid_query", "unknown_topic", ...READ_PROBLEMS],
  };
}

function getStatus(): Operation {
  return {
    summary: "Counts what came in: received = accepted + duplicates + rejected",
    role: "read",
    answer: [200, "Counters, together and by topic"],
    problems: READ_PROBLEMS,
  };
}

function replay(): Operation {
  return {
    summary: "Judges rejected events once more, after a fix, and takes those that are valid now",
    role: "write",
    parameters: [query("topic", { enum: EVENT_TOPICS }, "One topic only")],
    answer: [200, "How many were `replayed`, and how many are `still_rejected`"],
    problems: ["invalid_query", ...READ_PROBLEMS],
  };
}

function getItems(summary: string): Operation {
  const limit = { type: "integer", minimum: 1, maximum: INGEST_LIMITS.recentItemsMax };
  return {
    summary,
    role: "read",
    parameters: [
      query("topic", { enum: [...EVENT_TOPICS, "unknown"] }, "One topic only"),
      query("limit", limit, "Items"),
    ],
    answer: [200, "Items"],
    problems: ["invalid_query", ...READ_PROBLEMS],
  };
}

function query(name: string, schema: Schema, description: string): Schema {
  return { name, in: "query", schema, description };
}

function operation({ summary, role, parameters, body, answer, problems }: Operation): Schema {
  const [status, description, schema] = answer;
  const content = { "application/json": { schema: schema ?? { type: "object" } } };
  return {
    summary,
    description: `Needs a key with the role "${role}".`,
    ...(parameters === undefined ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      [status]: { description, content },
      ...problemResponses(problems),
      ...(role === "write" ? { 503: KEEP_AND_RETRY } : {}),
    },
  };
}

function requestBody(schema: Schema): Schema {
  return {
    required: true,
    description: `At most ${LIMITS.bodyBytesMax} bytes. NDJSON has one event per line. gzip is taken.`,
    content: {
      "application/json": { schema },
      "application/x-ndjson": { schema: { type: "string" } },
    },
  };
}

const KEEP_AND_RETRY: Schema = {
  description: "Keep the events and send them again after Retry-After seconds. The body is empty.",
  headers: { "Retry-After": { schema: { type: "integer" } } },
};

/** Problems by status: several codes may share one. */
function problemResponses(codes: readonly ProblemCode[]): Schema {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  const content = { "application/problem+json": { schema: ref("problem") } };
  return Object.fromEntries(
    Array.from(byStatus, ([status, shared]) => {
      const titles = shared.map((code) => `${code}: ${PROBLEMS[code].title}`);
      return [status, { description: titles.join(". "), content }];
    }),
  );
}
