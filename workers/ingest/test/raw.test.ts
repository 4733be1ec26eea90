/** Bodies that are stored as they came give the same events as those that are written line by line. */
import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { afterEach, expect, test } from "vitest";

import { parseEvents } from "../src/body/parse-events.ts";
import { rawParcel } from "../src/body/raw-parcel.ts";
import { sortEvents } from "../src/body/sort-events.ts";
import type { Stamp } from "../src/body/write-line.ts";
import { feedLines } from "../src/journal/feed-lines.ts";
import type { RawForm } from "../src/journal/messages.ts";
import { batchLines } from "../src/journal/raw-lines.ts";
import { INGEST_LIMITS } from "../src/limits.ts";
import { answerOf, call, freshJournal, laneOf, MOVE, post, readFeed } from "./helpers.ts";

afterEach(async () => reset());

const NOW = Date.parse("2026-11-22T12:00:00.500Z");
const STAMP: Stamp = {
  receivedMs: NOW,
  titleId: "a title",
  address: "10.0.0.1",
  ids: { prefix: "new-", digits: 3, suffix: "" },
  repeatable: false,
};
const SPREAD = { shards: 4, topicShards: 1 };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const change = fc.dictionary(
  fc.oneof(
    fc.constantFrom("event_id", "timestamp", "player_id", "title_id", "feed", "__proto__"),
    fc.string(),
  ),
  fc.oneof(fc.jsonValue(), fc.constantFrom("2026-11-22T12:00:00Z", NOW, "id-1")),
  { maxKeys: 3 },
);

test("for any events, as JSON and as NDJSON", () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1 }), fc.boolean(), (changes, lines) => {
      const events = changes.map((spoiled) => ({ ...MOVE, ...spoiled }));
      const text = lines
        ? events.map((event) => `${JSON.stringify(event)}\r\n`).join("")
        : JSON.stringify({ events }, null, 2);
      const type = lines ? "application/x-ndjson" : "application/json";
      const topic = "player-events";
      const bytes = encoder.encode(text);
      const request = { topic, bytes, lines, stamp: STAMP, shard: 1 } as const;
      const raw = rawParcel({ ...request, items: parseEvents(text, type) });
      const sorted = sortEvents(parseEvents(text, type), { topic, spread: SPREAD, stamp: STAMP });
      expect(raw.rejected).toEqual(sorted.rejected);
      expect(raw.accepted).toBe(sorted.accepted);
      const [parcel] = raw.parcels.get(1) ?? [];
      const written = [...sorted.parcels.values()]
        .flat()
        .flatMap(({ body }) => decoder.decode(body).trimEnd().split("\n"));
      if (parcel === undefined) {
        expect(written).toEqual([]);
        return;
      }
      const batch = { firstSeq: 1, ...parcel, raw: parcel.raw! };
      expect(batchLines(batch)).toEqual(written);
    }),
  );
});

test("flat events that lack nothing are sent without being parsed, and mean the same", () => {
  const id = fc.string({ minLength: 1, maxLength: 20 });
  const event = fc.record(
    {
      event_id: id,
      player_id: id,
      level_id: id,
      region: id,
      x: fc.double({ noNaN: true, noDefaultInfinity: true }),
    },
    { requiredKeys: ["event_id", "player_id", "level_id"] },
  );
  const spaces = fc.constantFrom(undefined, 1, 2);
  const dropped = fc.nat({ max: 9 });
  const cases = fc.tuple(fc.array(event, { minLength: 1 }), fc.boolean(), spaces, dropped);
  fc.assert(
    fc.property(cases, ([given, lines, indent, drop]) => {
      const timestamp = "2026-11-22T11:59:58.123Z";
      const events = given.map((own) => ({ ...MOVE, timestamp, ...own }));
      const text = lines
        ? events.map((own) => JSON.stringify(own)).join("\r\n")
        : ` ${JSON.stringify(events, null, indent)}\n`;
      const bytes = encoder.encode(text);
      const items = parseEvents(text, lines ? "application/x-ndjson" : null);
      const request = { topic: "player-events", bytes, lines, stamp: STAMP, shard: 1 } as const;
      const [parcel] = rawParcel({ ...request, items }).parcels.get(1)!;
      const written = JSON.parse(parcel!.raw!) as RawForm;
      expect(written.flat).toBe(true);
      const leftOut = events.length > 1 ? [drop % events.length] : [];
      const raw = { ...written, leftOut };
      const count = events.length - leftOut.length;
      const of = (flat: boolean) => {
        const form = JSON.stringify({ ...raw, flat });
        const batch = { firstSeq: 7, count, body: Uint8Array.from(bytes), raw: form };
        const sent = decoder.decode(feedLines(batch, { shard: 2, after: 7 }));
        return sent
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as unknown);
      };
      expect(of(true)).toEqual(of(false));
      expect(of(true)).toHaveLength(count - 1);
    }),
  );
});

const MANY = INGEST_LIMITS.rawFromEvents + 4;

function moves(count: number) {
  return Array.from({ length: count }, (_, n) => ({ ...MOVE, player_id: `p${n % 7}`, n }));
}

test("rejected and repeated events are left out, the others keep their order", async () => {
  const events = moves(MANY).map((event) => ({ ...event, event_id: `id-${event.n}` }));
  const first = await answerOf(await post("/v1/events/player-events", events[3]));
  expect(first.accepted).toBe(1);
  const batch: unknown[] = [...events];
  batch[5] = { ...events[5], level_id: 5 };
  batch[9] = events[8];
  const answer = await answerOf(await post("/v1/events/player-events", batch));
  expect(answer).toMatchObject({ accepted: MANY - 3, duplicates: 2, rejected: [{ index: 5 }] });
  const records = await readFeed("player-events", MANY - 2);
  const rest = events.map(({ n }) => n).filter((n) => ![3, 5, 9].includes(n));
  expect(records.map(({ n }) => n)).toEqual([3, ...rest]);
  expect(records.map(({ feed }) => feed.seq)).toEqual(records.map((_, index) => index + 1));
  const again = await answerOf(await post("/v1/events/player-events", events));
  expect(again).toMatchObject({ accepted: 2, duplicates: MANY - 2 });
});

test("equal events without an id are all stored; with an Idempotency-Key a repeat is none", async () => {
  const body = JSON.stringify(moves(MANY));
  const headers = { "idempotency-key": "k" };
  const send = async (more = {}) =>
    answerOf(await call("/v1/events/player-events", { method: "POST", body, headers: more }));
  expect(await send()).toMatchObject({ accepted: MANY, duplicates: 0 });
  expect(await send()).toMatchObject({ accepted: MANY, duplicates: 0 });
  expect(await send(headers)).toMatchObject({ accepted: MANY, duplicates: 0 });
  expect(await send(headers)).toMatchObject({ accepted: 0, duplicates: MANY });
  const records = await readFeed("player-events", 3 * MANY);
  expect(new Set(records.map((record) => record.event_id)).size).toBe(3 * MANY);
});

test("an id is told for a repeat whatever request it comes in, and whoever stands beside it", async () => {
  const [one, ...others] = moves(MANY).map((event) => ({ ...event, event_id: `id-${event.n}` }));
  await post("/v1/events/player-events", one);
  const answer = await answerOf(await post("/v1/events/player-events", [...others, one]));
  expect(answer).toMatchObject({ accepted: MANY - 1, duplicates: 1 });
});

test("gzip, NDJSON, and people's view of what came", async () => {
  const text = moves(MANY)
    .map((event) => JSON.stringify(event))
    .join("\n");
  const response = await call("/v1/events/player-events", {
    method: "POST",
    body: new Blob([text]).stream().pipeThrough(new CompressionStream("gzip")),
    headers: { "content-encoding": "gzip", "content-type": "application/x-ndjson" },
  });
  expect((await answerOf(response)).accepted).toBe(MANY);
  const records = await readFeed("player-events", MANY);
  expect(records.map(({ n }) => n)).toEqual(moves(MANY).map(({ n }) => n));
  const recent = await call("/v1/recent?limit=2");
  const { items } = await recent.json<{ items: { n: number }[] }>();
  expect(items).toHaveLength(2);
});

test("tables from before titles were counted apart keep what they hold", async () => {
  const { Journal } = await import("../src/journal/journal.ts");
  await runInDurableObject(freshJournal(), async (_, state) => {
    const sql = state.storage.sql;
    for (const table of ["player_events", "purchases", "server_metrics"]) {
      sql.exec(`DROP TABLE batches_${table}`);
      sql.exec(
        `CREATE TABLE batches_${table} (first_seq INTEGER PRIMARY KEY, count INTEGER NOT NULL, ` +
          `received_ms INTEGER NOT NULL, body BLOB NOT NULL)`,
      );
    }
    sql.exec("ALTER TABLE batches_purchases ADD COLUMN raw TEXT");
    sql.exec("DROP TABLE positions");
    sql.exec(
      "CREATE TABLE positions (topic TEXT PRIMARY KEY, last INTEGER NOT NULL, acknowledged INTEGER NOT NULL, " +
        "islands TEXT NOT NULL, duplicates INTEGER NOT NULL, rejected INTEGER NOT NULL)",
    );
    const body = encoder.encode('{"n":1}\n');
    sql.exec("INSERT INTO batches_player_events VALUES (4, 1, 5, ?)", body);
    const raw = JSON.stringify({ stamp: { titleId: "acme" } });
    sql.exec("INSERT INTO batches_purchases VALUES (1, 1, 5, ?, ?)", body, raw);
    sql.exec("INSERT INTO positions VALUES ('player-events', 4, 3, '[]', 2, 1)");
    sql.exec("INSERT INTO positions VALUES ('purchases', 1, 0, '[]', 0, 0)");
    const journal = new Journal(state, env);
    const read = await journal.read({ topic: "player-events", after: undefined, waitMs: 0 });
    expect(read).toMatchObject({ position: 4, after: 3 });
    expect(read.batches.map(batchLines)).toEqual([['{"n":1}']]);
    expect(laneOf(journal.status(), "player-events")).toMatchObject({
      accepted: 4,
      duplicates: 2,
      rejected: 1,
      backlog: 1,
    });
    const titles = sql.exec("SELECT title FROM batches_purchases").toArray();
    expect(titles).toEqual([{ title: "acme" }]);
    // Once is enough.
    expect(laneOf(new Journal(state, env).status(), "player-events")?.accepted).toBe(4);
  });
});
