/** Every route of the API as data. A test holds this list and the router's together, and the answers to both. */
import { EVENT_TOPICS, FEED_TOPICS, INSIGHT_TOPICS, LIMITS } from "@arenaflow/events";

import type { Role } from "../auth/roles.ts";
import { INGEST_LIMITS } from "../limits.ts";
import type { ProblemCode } from "../problem.ts";
import {
  ACK_SCHEMA,
  itemsSchema,
  LIVE_SCHEMA,
  object,
  ref,
  STATUS_SCHEMA,
  type Schema,
} from "./schemas.ts";

export interface Operation {
  readonly path: string;
  readonly method: "get" | "post" | "delete";
  readonly summary: string;
  /** Roles of which one is enough; or who needs no key of ours. */
  readonly access: readonly Role[] | "anyone" | "signed";
  readonly parameters?: readonly Schema[];
  /** `lines`: NDJSON and gzip are taken too. */
  readonly body?: { readonly schema: Schema; readonly lines: boolean };
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly schema?: Schema;
    readonly type?: string;
  };
  readonly problems: readonly ProblemCode[];
  /** How problems are told: RFC 9457, another protocol's JSON, or without a body. */
  readonly problemBody?: "problem" | "json" | "empty";
  /** Whether an empty 503 may say: keep it and send it again. */
  readonly keep?: boolean;
}

const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };
const KEY_PROBLEMS = ["unauthorized", "forbidden", "origin_not_allowed", "misconfigured"] as const;
const READ_PROBLEMS = ["invalid_query", ...KEY_PROBLEMS] as const;
const BODY_PROBLEMS = ["invalid_json", "body_too_large", "unsupported_media_type"] as const;
const TITLE = query("title", text, "Another title, for keys that may see several");

function query(name: string, schema: Schema, description: string): Schema {
  return { name, in: "query", schema, description };
}

function header(name: string, description: string): Schema {
  return { name, in: "header", schema: text, description };
}

function inPath(name: string, schema: Schema): Schema {
  return { name, in: "path", required: true, schema };
}

function takeEvents(path: string, summary: string, event: Schema): Operation {
  const list = { type: "array", items: event, minItems: 1, maxItems: LIMITS.batchEventsMax };
  const batch = { type: "object", required: ["events"], properties: { events: list } };
  return {
    path,
    method: "post",
    summary,
    access: ["write", "backfill"],
    parameters: [
      TITLE,
      header(
        "Idempotency-Key",
        "The same for a request that is sent again: its events are stored once",
      ),
      header(
        "X-Client-Time",
        "The client's clock when it sends, ISO 8601 or epoch ms: its events' times are corrected by the difference",
      ),
    ],
    body: { schema: { anyOf: [event, list, batch] }, lines: true },
    answer: {
      status: 202,
      description: "At least one event was accepted, or all were accepted before",
      schema: ref("receipt"),
    },
    problems: [
      "no_events",
      "nothing_accepted",
      "invalid_header",
      "too_many_events",
      "rate_limited",
      ...BODY_PROBLEMS,
      ...READ_PROBLEMS,
    ],
    keep: true,
  };
}

function items(path: string, summary: string): Operation {
  const limit = { type: "integer", minimum: 1, maximum: INGEST_LIMITS.recentItemsMax };
  return {
    path,
    method: "get",
    summary,
    access: ["read"],
    parameters: [
      query("topic", { enum: [...EVENT_TOPICS, "unknown"] }, "One topic only"),
      query("player", text, "One player only"),
      query("limit", limit, "Items"),
      TITLE,
    ],
    answer: { status: 200, description: "Items", schema: itemsSchema({}) },
    problems: READ_PROBLEMS,
    keep: true,
  };
}

function gameAnalytics(path: string, summary: string, own: Partial<Operation> = {}): Operation {
  return {
    path,
    method: "post",
    summary,
    access: "signed",
    parameters: [inPath("game_key", text)],
    answer: { status: 200, description: "Taken", schema: {} },
    problems: [
      "invalid_json",
      "unauthorized",
      "origin_not_allowed",
      "body_too_large",
      "rate_limited",
    ],
    problemBody: "json",
    keep: true,
    ...own,
  };
}

const mixed: Schema = {
  oneOf: EVENT_TOPICS.map((topic) => ({
    allOf: [
      ref(topic),
      { type: "object", required: ["topic"], properties: { topic: { const: topic } } },
    ],
  })),
};
const insightTopic = inPath("topic", { enum: INSIGHT_TOPICS });
const time: Schema = { type: "integer", minimum: 0 };

export const OPERATIONS: readonly Operation[] = [
  ...EVENT_TOPICS.map((topic) => takeEvents(`/v1/events/${topic}`, `Sends ${topic}`, ref(topic))),
  takeEvents("/v1/events", "Sends events, each naming its topic", mixed),
  {
    path: "/v1/insights/{topic}",
    method: "get",
    summary: "Reads the history of one kind of insight, oldest first",
    access: ["read"],
    parameters: [
      insightTopic,
      query("since", time, "Windows that end at or after this time, epoch ms; else the newest"),
      query("until", time, "Windows that end before this time, epoch ms"),
      query("limit", { type: "integer", minimum: 1, maximum: INGEST_LIMITS.insightsMax }, "Items"),
      TITLE,
    ],
    answer: {
      status: 200,
      description: "Items, and the `since` of the next page or null",
      schema: itemsSchema({ next: { type: ["integer", "null"] } }, LIVE_SCHEMA),
    },
    problems: ["unknown_topic", ...READ_PROBLEMS],
    keep: true,
  },
  {
    path: "/v1/insights/{topic}",
    method: "post",
    summary: "Stores one insight; one with the same title, window and group is replaced",
    access: ["sink"],
    parameters: [insightTopic],
    body: {
      schema: {
        type: "object",
        required: ["window_start", "window_end"],
        properties: { window_start: time, window_end: time, title_id: text },
      },
      lines: false,
    },
    answer: {
      status: 200,
      description: "Stored",
      schema: object({ position: count, request_id: text }),
    },
    problems: ["invalid_field", "unknown_topic", ...BODY_PROBLEMS, ...KEY_PROBLEMS],
    keep: true,
  },
  {
    path: "/v1/live",
    method: "get",
    summary: "Opens a WebSocket that sends insights as they come, as JSON lists of messages",
    access: ["read"],
    parameters: [
      query("topics", text, "Insight topics, separated by commas; else all"),
      query("after", count, "Position of the last message seen: what came since is sent first"),
      TITLE,
      header("Sec-WebSocket-Protocol", "`arenaflow.v1, bearer.<key>`, where no header can be set"),
    ],
    answer: { status: 101, description: "The WebSocket is open" },
    problems: ["upgrade_required", ...READ_PROBLEMS],
    keep: true,
  },
  {
    path: "/v1/status",
    method: "get",
    summary: "Counts what came in: received = accepted + duplicates + rejected",
    access: ["read"],
    parameters: [TITLE],
    answer: {
      status: 200,
      description: "Counters of the title, together and by topic",
      schema: STATUS_SCHEMA,
    },
    problems: READ_PROBLEMS,
    keep: true,
  },
  items("/v1/recent", "The newest accepted events, newest first"),
  {
    path: "/v1/rejected/replay",
    method: "post",
    summary: "Judges rejected events once more, after a fix, and takes those that are valid now",
    access: ["write", "admin"],
    parameters: [query("topic", { enum: EVENT_TOPICS }, "One topic only"), TITLE],
    answer: {
      status: 200,
      description: "How many were taken, and how many are still rejected",
      schema: object({ replayed: count, still_rejected: count, request_id: text }),
    },
    problems: READ_PROBLEMS,
    keep: true,
  },
  items("/v1/rejected", "The newest rejected events, newest first"),
  {
    path: "/v1/titles",
    method: "get",
    summary: "The titles that the key may look at, and the one it is shown without asking",
    access: ["read", "admin"],
    answer: {
      status: 200,
      description: "Titles in alphabetical order",
      schema: object({
        titles: { type: "array", items: text },
        title: { type: ["string", "null"] },
        request_id: text,
      }),
    },
    problems: KEY_PROBLEMS,
    keep: true,
  },
  {
    path: "/v1/players/{id}",
    method: "delete",
    summary:
      "Forgets a player: makes his waiting events anonymous, deletes rejected ones and insights that name him, and tells the dataflows",
    access: ["admin"],
    parameters: [inPath("id", { type: "string", maxLength: LIMITS.idCharsMax }), TITLE],
    answer: {
      status: 200,
      description: "How many waiting events, rejected events and insights named the player",
      schema: object({ events: count, rejected: count, insights: count, request_id: text }),
    },
    problems: ["invalid_field", ...READ_PROBLEMS],
    keep: true,
  },
  {
    path: "/v1/stream/{topic}",
    method: "get",
    summary:
      "The feed for connectors: what is not acknowledged yet, as lines of JSON, for at most 25 s",
    access: ["feed"],
    parameters: [inPath("topic", { enum: FEED_TOPICS })],
    answer: {
      status: 200,
      description: "Events, each with its position in `feed`",
      schema: text,
      type: "application/x-ndjson",
    },
    problems: ["unauthorized", "forbidden", "unknown_topic", "misconfigured"],
    problemBody: "empty",
  },
  {
    path: "/v1/acks",
    method: "post",
    summary: "Acknowledges positions of the feed, which the Journal then forgets",
    access: ["sink"],
    body: { schema: ACK_SCHEMA, lines: false },
    answer: {
      status: 200,
      description: "Noted",
      schema: object({ acknowledged: count, request_id: text }),
    },
    problems: ["invalid_field", ...BODY_PROBLEMS, ...KEY_PROBLEMS],
    keep: true,
  },
  gameAnalytics("/remote_configs/v1/init", "Starts a session of a GameAnalytics SDK", {
    parameters: [query("game_key", text, "The game")],
  }),
  gameAnalytics("/v2/{game_key}/init", "Starts a session of an older GameAnalytics SDK"),
  gameAnalytics("/v2/{game_key}/events", "Takes the events of a GameAnalytics SDK"),
  {
    path: "/healthz",
    method: "get",
    summary: "Whether this deployment can serve",
    access: "anyone",
    answer: { status: 200, description: "It can", schema: object({ status: text }) },
    problems: ["misconfigured"],
  },
];
