/** JSON Schemas of events, made from the table that the edge checks events with. */
import {
  EVENT_FIELDS,
  FEED_TOPICS,
  INSIGHT_TOPICS,
  LIMITS,
  type EventTopic,
  type Field,
  type FieldKind,
} from "@arenaflow/events";

export type Schema = { readonly [keyword: string]: unknown };

/** The schema of one event. */
export function eventSchema(topic: EventTopic): Schema {
  const fields = EVENT_FIELDS[topic];
  return {
    type: "object",
    required: fields.filter((field) => field.required).map((field) => field.name),
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    additionalProperties: true,
    description: `At most ${LIMITS.extraFieldsMax} further fields and ${LIMITS.eventCharsMax} characters; further fields are kept as they are.`,
  };
}

function fieldSchema({ kind, required, description }: Field): Schema {
  const schema = kindSchema(kind);
  // An optional field may also say nothing.
  return required ? { ...schema, description } : { anyOf: [schema, { type: "null" }], description };
}

function kindSchema(kind: FieldKind): Schema {
  switch (kind.type) {
    case "id":
      return { type: "string", minLength: 1, maxLength: LIMITS.idCharsMax };
    case "text":
      return { type: "string", maxLength: LIMITS.textCharsMax };
    case "time":
      return {
        anyOf: [
          { type: "string", format: "date-time" },
          { type: "integer", title: "epoch ms" },
        ],
      };
    case "number":
      return {
        type: "number",
        ...(kind.min === undefined ? {} : { minimum: kind.min }),
        ...(kind.max === undefined ? {} : { maximum: kind.max }),
      };
    case "integer":
      return { type: "integer", minimum: kind.min, maximum: kind.max };
    case "enum":
      return { type: "string", enum: kind.values };
    case "pattern":
      return { type: "string", pattern: kind.regex.source };
  }
}

/** A schema that stands in the document once. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object that has all of these members. */
export function object(properties: Schema): Schema {
  return { type: "object", required: Object.keys(properties), properties };
}

const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };

/** What every failure answers, unless its body is empty. */
export const PROBLEM_SCHEMA: Schema = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "request_id"],
  properties: {
    type: text,
    title: text,
    status: { type: "integer" },
    detail: { ...text, description: "What happened, why, and what to do next" },
    code: text,
    request_id: text,
    field: { ...text, description: "The field, parameter or header that is wrong" },
    expected: text,
    got: text,
    line: { type: "integer", description: "Where JSON is malformed, from 1" },
    column: { type: "integer" },
    byte: count,
  },
};

/** What `POST /v1/events` answers. */
export const RECEIPT_SCHEMA: Schema = {
  type: "object",
  required: ["accepted", "duplicates", "rejected", "request_id"],
  properties: {
    accepted: { ...count, description: "Events that are on disk now" },
    duplicates: { ...count, description: "Events that were accepted before" },
    rejected: {
      type: "array",
      items: {
        type: "object",
        required: ["index", "code", "field", "expected", "got"],
        properties: {
          index: { ...count, description: "Place in the request" },
          event_id: text,
          code: text,
          field: text,
          expected: text,
          got: text,
        },
      },
    },
    request_id: text,
  },
};

/** A message of the WebSocket, and an item of an insight's history. */
export const LIVE_SCHEMA: Schema = object({
  topic: { enum: INSIGHT_TOPICS },
  position: { ...count, description: "Grows by one with every insight of the title" },
  value: { type: "object" },
});

/** A list, with what stands beside it. */
export function itemsSchema(beside: Schema, item: Schema = { type: "object" }): Schema {
  return object({ items: { type: "array", items: item }, ...beside });
}

/** What `POST /v1/acks` takes. */
export const ACK_SCHEMA: Schema = object({
  topic: { enum: FEED_TOPICS },
  shard: count,
  ranges: {
    type: "array",
    items: { type: "array", items: { type: "integer", minimum: 1 }, minItems: 2, maxItems: 2 },
  },
});

const COUNTERS = {
  received: count,
  accepted: count,
  duplicates: count,
  rejected: count,
  backlog: { ...count, description: "Accepted, and not acknowledged by a dataflow yet" },
  oldest_unacknowledged: { type: ["integer", "null"], description: "When it came, epoch ms" },
};

/** What `GET /v1/status` answers. */
export const STATUS_SCHEMA: Schema = {
  ...object({
    ...COUNTERS,
    not_mapped: { ...count, description: "Events of GameAnalytics that no topic can hold" },
    backlog_bytes: count,
    topics: { type: "object", additionalProperties: object(COUNTERS) },
    title: text,
    shards: count,
    live: { type: "object" },
    time: { type: "integer" },
    request_id: text,
  }),
  description: "`titles`, the counters of every title, for keys that may see several",
};
