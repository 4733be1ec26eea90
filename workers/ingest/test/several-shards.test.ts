/** A request whose events go to several shards: refused as a whole, or stored once. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { app } from "../src/app.ts";
import type { Journal } from "../src/journal/journal.ts";
import type { AppendRequest } from "../src/journal/messages.ts";
import { answerOf, AUTH, freshJournal, laneOf, METRICS, MOVE, ORIGIN } from "./helpers.ts";

/** By their ids these go to two shards; those without an id go together. */
const EVENTS = [
  { topic: "player-events", ...MOVE, event_id: "one" },
  { topic: "server-metrics", ...METRICS, event_id: "two" },
  { topic: "player-events", ...MOVE },
  { topic: "server-metrics", ...METRICS },
  { topic: "player-events", ...MOVE, level_id: 7 },
];

type Stub = DurableObjectStub<Journal>;
type Shard = { hasRoom(): unknown; append?(request: AppendRequest): unknown };

/** Sends the events to shards that behave as told, by the order in which they are first asked. */
async function send(shards: readonly Shard[]): Promise<Response> {
  const names: string[] = [];
  const namespace = {
    idFromName: (name: string) => name,
    get: (name: string) => {
      if (!names.includes(name)) names.push(name);
      return shards[names.indexOf(name)];
    },
  };
  const request = { method: "POST", headers: AUTH, body: JSON.stringify(EVENTS) };
  return app.fetch(new Request(`${ORIGIN}/v1/events`, request), {
    ...env,
    JOURNAL: namespace as unknown as typeof env.JOURNAL,
  });
}

function failing(journal: Stub, times: number, { after }: { after: boolean }) {
  let left = times;
  return {
    hasRoom: () => journal.hasRoom(),
    append: async (request: AppendRequest) => {
      if (!after && (left -= 1) >= 0) throw new Error("out of reach");
      const result = await journal.append(request);
      if (after && (left -= 1) >= 0) throw new Error("the answer was lost");
      return result;
    },
  };
}

test("is refused before any of it is stored when one of them is full", async () => {
  const [one, two] = [freshJournal(), freshJournal()];
  const response = await send([one, { hasRoom: () => false }]);
  expect(response.status).toBe(503);
  expect(await response.text()).toBe("");
  expect([...(await one.status()), ...(await two.status())]).toEqual([]);
});

test("is stored once, and counted once, when the answers of its shards are lost", async () => {
  const [one, two] = [freshJournal(), freshJournal()];
  const response = await send([failing(one, 2, { after: true }), failing(two, 1, { after: true })]);
  expect(response.status).toBe(202);
  expect(await answerOf(response)).toMatchObject({ accepted: 4, duplicates: 0 });
  const lanes = [...(await one.status()), ...(await two.status())];
  const sum = (counter: "accepted" | "duplicates" | "rejected") =>
    lanes.reduce((all, lane) => all + lane[counter], 0);
  expect([sum("accepted"), sum("duplicates"), sum("rejected")]).toEqual([4, 0, 1]);
});

test("has stored nothing that a repeat could count twice when a shard stays out of reach", async () => {
  const [one, two] = [freshJournal(), freshJournal()];
  const unlucky = failing(two, 4, { after: false });
  expect((await send([one, unlucky])).status).toBe(503);
  const again = await answerOf(await send([one, unlucky]));
  expect(again.accepted + again.duplicates).toBe(4);
  const lanes = [...(await one.status()), ...(await two.status())];
  expect(lanes.reduce((all, lane) => all + lane.accepted, 0)).toBe(4);
  // The bad event was counted with the request that was taken, and not with the one before.
  expect(lanes.reduce((all, lane) => all + lane.rejected, 0)).toBe(1);
  expect(laneOf(lanes, "player-events")?.accepted).toBeGreaterThan(0);
});
