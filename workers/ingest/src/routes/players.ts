/**
 * `DELETE /v1/players/<id>`: forgets a player of the key's title. What waits in the Journal is made
 * anonymous, rejected events and insights that name him are deleted, and a record on
 * `player-tombstones` tells the dataflows. Asked again, it does the same again: a request that failed
 * half-way is repeated.
 */
import { LIMITS } from "@arenaflow/events";
import { Hono } from "hono";

import type { App } from "../app.ts";
import { requireRole } from "../auth/require-role.ts";
import { titleAsked } from "../auth/title-asked.ts";
import { eventIds, idAt } from "../body/event-ids.ts";
import { shardOf } from "../journal/fingerprint.ts";
import { journalShard, journalShards } from "../journal/shards.ts";
import { hubOf } from "../live/hubs.ts";
import { Problem } from "../problem.ts";
import { settingsOf } from "../settings.ts";

export const playerRoutes = new Hono<App>().delete("/:id", requireRole("admin"), async (c) => {
  const playerId = c.req.param("id");
  if (playerId.length > LIMITS.idCharsMax) {
    const expected = `at most ${LIMITS.idCharsMax} characters`;
    throw new Problem(
      "invalid_field",
      `A player's id has ${expected}, and this one has ${playerId.length}. Nothing was forgotten.`,
      { field: "id", expected, got: `${playerId.length} characters` },
    );
  }
  const title = titleAsked(c, c.get("principal"));
  const nowMs = Date.now();
  const erasure = { title, playerId, pseudonym: `forgotten-${crypto.randomUUID()}` };
  const [shards, insights] = await Promise.all([
    Promise.all(journalShards(c.env).map(async (journal) => journal.forget(erasure))),
    hubOf(c.env, title).forget(playerId, nowMs),
  ]);
  const { shards: count, topicShards } = settingsOf(c.env);
  const lane = { title, topic: "player-events" } as const;
  await journalShard(c.env, shardOf(lane, playerId, { shards: count, topicShards })).bury({
    event_id: idAt(eventIds(nowMs), 0),
    title_id: title,
    player_id: playerId,
    timestamp: new Date(nowMs).toISOString(),
    received_at: nowMs,
  });
  return c.json({
    events: shards.reduce((sum, { events }) => sum + events, 0),
    rejected: shards.reduce((sum, { rejected }) => sum + rejected, 0),
    insights,
    request_id: c.get("requestId"),
  });
});
