/** `GET /v1/stream/<topic>` for http-source in streaming mode, `GET /v1/events/<topic>` for polling. */
import { Hono } from "hono";
import type { Env } from "../env.ts";
import { POLL_EVENTS_MAX } from "../poll-queue.ts";
import { problemResponse } from "../problem.ts";
import { NDJSON, READERS_MAX } from "../readers.ts";
import { theWorld } from "../the-world.ts";
import { readNumber, readTopic } from "./query.ts";

/** How many times the scenario's size a visitor may ask for: 100 is some 20,000 events/s. */
const RATE_RANGE = { name: "rate", min: 0.01, max: 100, integer: false, fallback: 1 } as const;
const COUNT_RANGE = {
  name: "count",
  min: 1,
  max: POLL_EVENTS_MAX,
  integer: true,
  fallback: 1,
} as const;
/** http-source reconnects at once after any answer; a mistake in its YAML must not become a hot loop. */
const MISTAKE_PAUSE_MS = 1000;

export const streams = new Hono<{ Bindings: Env }>();

streams.get("/stream/:topic", async (c) => {
  const topic = readTopic(c.req.param("topic"));
  const rate = readNumber(c.req.query("rate"), RATE_RANGE);
  if (topic instanceof Response) return answerLate(topic);
  if (rate instanceof Response) return answerLate(rate);
  // Nobody would read the body of an answer to HEAD, nor hang up on it.
  if (c.req.method === "HEAD") return c.body(null, 200, { "content-type": NDJSON });
  const stream = await theWorld(c.env).fetch(`http://world/v1/stream/${topic}?rate=${rate}`);
  if (stream.ok) return stream;
  return answerLate(
    problemResponse({
      status: 503,
      code: "too_many_streams",
      title: "Too many streams are open",
      detail: `The world serves ${READERS_MAX} streams at a time; close one and connect again.`,
    }),
  );
});

streams.get("/events/:topic", async (c) => {
  const topic = readTopic(c.req.param("topic"));
  if (topic instanceof Response) return topic;
  const asked = c.req.query("count");
  const count = readNumber(asked, COUNT_RANGE);
  if (count instanceof Response) return count;
  const events = await theWorld(c.env).poll(topic, count);
  const [first] = events;
  if (first === undefined) {
    return problemResponse({
      status: 503,
      code: "no_event_yet",
      title: "Nothing has happened",
      detail: `No ${topic} event happened in time. The world may have just begun; ask again.`,
    });
  }
  // Polling http-source makes one record of one answer, so a plain request gets one plain event.
  const body = asked === undefined ? first : `[${events.join(",")}]`;
  return c.body(body, 200, { "content-type": "application/json", "cache-control": "no-store" });
});

async function answerLate(mistake: Response): Promise<Response> {
  await new Promise((resolve) => setTimeout(resolve, MISTAKE_PAUSE_MS));
  return mistake;
}
