/** Broken events, as bugs in game clients make them: each wrong in one way that the API must name. */
import { checkEvent, type EventTopic, type IssueCode, type JsonObject } from "@arenaflow/events";
import type { Rng } from "@arenaflow/simulation";

/** Longer than any id may be. */
const LONG_ID_CHARS = 300;

/** Makes a copy of an event wrong; returns what is sent in its place. */
type Spoiler = (event: JsonObject) => unknown;

const ANY_TOPIC: readonly Spoiler[] = [
  () => 42,
  (event) => ({ ...event, platform: "x".repeat(LONG_ID_CHARS) }),
  (event) => ({ ...event, region: 7 }),
];

const SPOILERS: Readonly<Record<EventTopic, readonly Spoiler[]>> = {
  "player-events": [
    ...ANY_TOPIC,
    (event) => ({ ...event, player_id: undefined }),
    (event) => ({ ...event, event_type: "teleport" }),
    (event) => ({ ...event, timestamp: "yesterday" }),
  ],
  purchases: [
    ...ANY_TOPIC,
    (event) => ({ ...event, item_id: undefined }),
    (event) => ({ ...event, price: "free" }),
    (event) => ({ ...event, price: -1 }),
    (event) => ({ ...event, currency: "usd" }),
  ],
  "server-metrics": [
    ...ANY_TOPIC,
    (event) => ({ ...event, server_id: undefined }),
    (event) => ({ ...event, cpu_load: 180 }),
    (event) => ({ ...event, latency: null }),
  ],
};

export interface SpoiltEvent {
  readonly text: string;
  /** What the API must answer for it. */
  readonly code: IssueCode;
}

/**
 * Breaks a copy of an event.
 * @param line the event as JSON text; it stays as it is
 */
export function spoilEvent(topic: EventTopic, line: string, rng: Rng): SpoiltEvent {
  const event = JSON.parse(line) as JsonObject;
  const spoilt = rng.pick(SPOILERS[topic])({
    ...event,
    event_id: `${String(event["event_id"])}-x`,
  });
  const issue = checkEvent(topic, spoilt);
  if (issue === undefined) throw new TypeError(`spoilEvent: ${JSON.stringify(spoilt)} is right`);
  return { text: JSON.stringify(spoilt), code: issue.code };
}

/** A line of NDJSON that was cut off: no JSON at all. */
export function cutLine(line: string): SpoiltEvent {
  return { text: line.slice(0, Math.floor(line.length / 2)), code: "invalid_json" };
}
