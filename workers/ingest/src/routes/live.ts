/** `GET /v1/live`: insights as they come, on a WebSocket. */
import { INSIGHT_TOPICS, isInsightTopic } from "@arenaflow/events";
import { Hono } from "hono";

import type { App } from "../app.ts";
import { checkOrigin } from "../auth/origins.ts";
import { authorize, bearerOf } from "../auth/require-role.ts";
import { titleAsked } from "../auth/title-asked.ts";
import { hubOf } from "../live/hubs.ts";
import { keyOfProtocols, LIVE_PROTOCOL } from "../live/protocol.ts";
import { Problem } from "../problem.ts";
import { wholeNumber } from "./query.ts";

export const liveRoutes = new Hono<App>().get("/", async (c) => {
  const protocols = c.req.header("sec-websocket-protocol");
  const key = bearerOf(c.req.header("authorization")) ?? keyOfProtocols(protocols);
  const principal = await authorize(c.env, { url: c.req.url, key, roles: ["read"] });
  // Browsers tell where a WebSocket comes from, and ask nobody whether it may.
  checkOrigin(c, principal);
  const title = titleAsked(c, principal);
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new Problem(
      "upgrade_required",
      `This path speaks WebSocket. Open it with one, offering the subprotocols "${LIVE_PROTOCOL}" and "bearer.<key>".`,
    );
  }
  const url = new URL("https://live");
  const topics = c.req.query("topics");
  if (topics !== undefined) url.searchParams.set("topics", checkTopics(topics));
  const after = wholeNumber(c, "after", { min: 0, max: Number.MAX_SAFE_INTEGER });
  if (after !== undefined) url.searchParams.set("after", String(after));
  // The key goes no further than this.
  const headers = new Headers({ upgrade: "websocket" });
  if (protocols !== undefined) headers.set("sec-websocket-protocol", LIVE_PROTOCOL);
  return hubOf(c.env, title).fetch(url, { headers });
});

function checkTopics(list: string): string {
  const topics = new Set(list.split(","));
  for (const topic of topics) {
    if (isInsightTopic(topic)) continue;
    const expected = `topics out of ${INSIGHT_TOPICS.join(", ")}, separated by commas`;
    throw new Problem(
      "invalid_query",
      `The query parameter "topics" names ${JSON.stringify(topic)}, expected ${expected}.`,
      { field: "topics", expected, got: topic },
    );
  }
  return [...topics].join(",");
}
