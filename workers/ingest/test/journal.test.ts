/** The Journal object: durability, positions, repeats, acknowledgements, back-pressure. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { app } from "../src/app.ts";
import { Journal } from "../src/journal/journal.ts";
import type { AppendRequest, FeedRead, Parcel } from "../src/journal/messages.ts";
import { AUTH, freshJournal, laneOf, MOVE, ORIGIN, parcelOf } from "./helpers.ts";

const TOPIC = "player-events";

function request(...parcels: readonly Parcel[]): AppendRequest {
  return { title: "local", receivedMs: Date.now(), parcels, rejected: [], rejections: [] };
}

function read(journal: DurableObjectStub<Journal>, after?: number, waitMs = 0) {
  return journal.read({ topic: TOPIC, after, waitMs });
}

function numbers(feed: FeedRead): readonly number[] {
  const text = feed.batches.map((batch) => new TextDecoder().decode(batch.body)).join("");
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { n: number }).n);
}

describe("group commit", () => {
  test("appends of the same moment share one row, and each is answered", async () => {
    const journal = freshJournal();
    await journal.append(request(parcelOf(1)));
    const answers = await runInDurableObject(journal, (instance) =>
      Promise.all(
        Array.from({ length: 20 }, (_, i) => instance.append(request(parcelOf(1, 2 + i)))),
      ),
    );
    expect(answers).toEqual(
      Array.from({ length: 20 }, () => ({ outcome: "stored", duplicates: 0 })),
    );
    const rows = await runInDurableObject(journal, (_, state) =>
      state.storage.sql
        .exec("SELECT first_seq, count FROM batches_player_events ORDER BY first_seq")
        .toArray(),
    );
    expect(rows).toEqual([
      { first_seq: 1, count: 1 },
      { first_seq: 2, count: 20 },
    ]);
  });

  test("what does not fit one row is stored in several, without a gap", async () => {
    const journal = freshJournal();
    const body = new TextEncoder().encode(`{"n":"${"x".repeat(700 * 1024)}"}\n`);
    const parcels = [1, 2, 3].map(() => ({ topic: TOPIC, count: 1, body }) as const);
    await journal.append(request(...parcels));
    const rows = await runInDurableObject(journal, (_, state) =>
      state.storage.sql.exec("SELECT first_seq, count FROM batches_player_events").toArray(),
    );
    expect(rows).toEqual([1, 2, 3].map((n) => ({ first_seq: n, count: 1 })));
  });

  test("a transaction that fails takes nothing: ids and positions are free again", async () => {
    const journal = freshJournal();
    const fingerprints = Uint32Array.of(11, 12);
    await runInDurableObject(journal, async (instance, state) => {
      state.storage.sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON seen BEGIN SELECT raise(ABORT, 'disk full'); END",
      );
      const failing = instance.append(request({ ...parcelOf(1), fingerprints }));
      await expect(failing).rejects.toThrow("disk full");
      state.storage.sql.exec("DROP TRIGGER full");
      const answer = await instance.append(request({ ...parcelOf(1), fingerprints }));
      expect(answer).toEqual({ outcome: "stored", duplicates: 0 });
    });
    const feed = await read(journal);
    expect(feed.position).toBe(1);
    expect(numbers(feed)).toEqual([1]);
  });
});

describe("positions survive", () => {
  test("an eviction with everything acknowledged and deleted", async () => {
    const journal = freshJournal();
    await journal.append(request(parcelOf(5)));
    await journal.acknowledge(TOPIC, [[1, 5]]);
    await evictDurableObject(journal);
    await journal.append(request(parcelOf(2, 6)));
    const feed = await read(journal);
    expect(feed).toMatchObject({ position: 7, after: 5 });
    expect(feed.batches.map((batch) => batch.firstSeq)).toEqual([6]);
    expect(laneOf(await journal.status(), TOPIC)).toMatchObject({ accepted: 7, backlog: 2 });
  });

  test("an eviction before they are written, and the counters with them", async () => {
    const journal = freshJournal();
    const rows = () =>
      runInDurableObject(journal, (_, { storage }) =>
        ["positions", "lanes"].map((table) => [
          ...storage.sql.exec<{ last: number }>(`SELECT * FROM ${table}`),
        ]),
      );
    await journal.append(request(parcelOf(5)));
    await journal.append({ ...request(parcelOf(2, 6)), title: "other" });
    expect(await rows()).toEqual([[], []]);
    await evictDurableObject(journal);
    expect(numbers(await read(journal))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(laneOf(await journal.status(), TOPIC)).toMatchObject({ accepted: 5, backlog: 5 });
    await journal.append(request(parcelOf(1, 8)));
    await journal.acknowledge(TOPIC, [[1, 7]]);
    expect(await rows()).toMatchObject([
      [{ topic: TOPIC, last: 8, acknowledged: 7 }],
      [
        { title: "local", accepted: 6 },
        { title: "other", accepted: 2 },
      ],
    ]);
    await journal.append(request(parcelOf(1, 9)));
    await evictDurableObject(journal);
    expect(numbers(await read(journal))).toEqual([8, 9]);
    const lanes = await journal.status();
    expect(lanes.map(({ title, accepted }) => [title, accepted])).toEqual([
      ["local", 7],
      ["other", 2],
    ]);
  });

  test("an eviction after repeats and rejected events, which no batch tells of", async () => {
    const journal = freshJournal();
    const parcel = { ...parcelOf(2), fingerprints: Uint32Array.of(1, 2, 3, 4) };
    await journal.append(request(parcel));
    await journal.append(request(parcel));
    await journal.append({ ...request(parcelOf(1, 3)), rejected: [{ topic: TOPIC, count: 4 }] });
    await journal.append(request(parcelOf(1, 4)));
    await evictDurableObject(journal);
    const counters = { accepted: 4, duplicates: 2, rejected: 4, backlog: 4 };
    expect(laneOf(await journal.status(), TOPIC)).toMatchObject(counters);
  });

  test("an eviction with acknowledgements ahead of a gap", async () => {
    const journal = freshJournal();
    await journal.append(request(parcelOf(2)));
    await journal.append(request(parcelOf(3, 3)));
    await journal.append(request(parcelOf(1, 6)));
    await journal.acknowledge(TOPIC, [[3, 5]]);
    await evictDurableObject(journal);
    expect(numbers(await read(journal))).toEqual([1, 2, 6]);
    await journal.acknowledge(TOPIC, [[1, 2]]);
    expect((await read(journal)).after).toBe(5);
    const { byteLength: bytes } = parcelOf(1, 6).body;
    expect(laneOf(await journal.status(), TOPIC)).toMatchObject({ bytes, backlog: 1 });
  });

  test("an eviction with repeats after it", async () => {
    const journal = freshJournal();
    const parcel = { ...parcelOf(2), fingerprints: Uint32Array.of(1, 2, 3, 4) };
    await journal.append(request(parcel));
    await evictDurableObject(journal);
    expect(await journal.append(request(parcel))).toEqual({ outcome: "stored", duplicates: 2 });
  });
});

describe("repeats", () => {
  test("only the repeated lines are left out", async () => {
    const journal = freshJournal();
    await journal.append(request({ ...parcelOf(1), fingerprints: Uint32Array.of(1, 2) }));
    const mixed = { ...parcelOf(4, 10), fingerprints: Uint32Array.of(1, 2, 5, 6, 0, 0, 5, 6) };
    expect(await journal.append(request(mixed))).toEqual({ outcome: "stored", duplicates: 2 });
    expect(numbers(await read(journal))).toEqual([1, 11, 12]);
  });

  test("ids are forgotten after the time, and the oldest ones above the number", async () => {
    await runInDurableObject(freshJournal(), async (_, state) => {
      const journal = new Journal(state, { ...env, DEDUPE_HOURS: "1", DEDUPE_IDS_MAX: "1000" });
      const seen = async (id: number, atMs: number) => {
        const parcel = { ...parcelOf(1), fingerprints: Uint32Array.of(id, id) };
        const answer = await journal.append({ ...request(parcel), receivedMs: atMs });
        return answer.outcome === "stored" && answer.duplicates === 1;
      };
      const start = Date.now();
      expect(await seen(1, start)).toBe(false);
      expect(await seen(1, start + 3_599_000)).toBe(true);
      expect(await seen(1, start + 3_602_000)).toBe(false);
      const many = new Uint32Array(2_000).map((_word, i) => 100 + (i >> 1));
      await journal.append(request({ ...parcelOf(1_000), fingerprints: many }));
      await seen(2, Date.now());
      expect(await seen(2, Date.now())).toBe(true);
      expect(await seen(100, Date.now())).toBe(false);
    });
  });
});

describe("acknowledgements", () => {
  test("in any order, repeated, and beyond what was given", async () => {
    const journal = freshJournal();
    await journal.append(request(parcelOf(4)));
    await journal.acknowledge(TOPIC, [
      [4, 900],
      [2, 2],
    ]);
    await journal.acknowledge(TOPIC, [[2, 2]]);
    const before = await journal.status();
    expect(laneOf(before, TOPIC)).toMatchObject({ accepted: 4, backlog: 2 });
    await journal.acknowledge(TOPIC, [
      [1, 1],
      [3, 3],
    ]);
    const after = await journal.status();
    expect(laneOf(after, TOPIC)).toMatchObject({ backlog: 0, bytes: 0, oldestMs: null });
    await journal.append(request(parcelOf(1, 5)));
    expect(numbers(await read(journal))).toEqual([5]);
  });

  test("a batch stays until its last event is acknowledged", async () => {
    const journal = freshJournal();
    await journal.append(request(parcelOf(3)));
    await journal.acknowledge(TOPIC, [[1, 2]]);
    const feed = await read(journal);
    expect(feed).toMatchObject({ after: 2, position: 3 });
    expect(feed.batches).toHaveLength(1);
  });
});

describe("the feed", () => {
  test("waits for an event, and sends it at once", async () => {
    const journal = freshJournal();
    const waiting = read(journal, undefined, 5_000);
    const started = Date.now();
    await journal.append(request(parcelOf(1)));
    expect(numbers(await waiting)).toEqual([1]);
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  test("gives up waiting after the time", async () => {
    const feed = await read(freshJournal(), undefined, 20);
    expect(feed).toEqual({ position: 0, batches: [], after: 0 });
  });

  test("stops when a window is unacknowledged, and goes on with the acknowledgements", async () => {
    await runInDurableObject(freshJournal(), async (_, state) => {
      const journal = new Journal(state, { ...env, FEED_WINDOW: "100" });
      for (let i = 0; i < 5; i += 1) await journal.append(request(parcelOf(50, 1 + 50 * i)));
      const first = await journal.read({ topic: TOPIC, after: undefined, waitMs: 0 });
      expect(first.position).toBe(100);
      const stopped = await journal.read({ topic: TOPIC, after: 100, waitMs: 20 });
      expect(stopped.position).toBe(100);
      const going = journal.read({ topic: TOPIC, after: 100, waitMs: 5_000 });
      await journal.acknowledge(TOPIC, [[1, 50]]);
      expect((await going).position).toBe(150);
    });
  });
});

test("an event that is never acknowledged holds up nothing but itself", async () => {
  await runInDurableObject(freshJournal(), async (_, state) => {
    const journal = new Journal(state, { ...env, FEED_WINDOW: "10" });
    await journal.append(request(parcelOf(1)));
    for (let first = 2; first < 100; first += 7) {
      await journal.append(request(parcelOf(7, first)));
      const feed = await journal.read({ topic: TOPIC, after: first - 1, waitMs: 0 });
      expect(numbers(feed)).toHaveLength(7);
      await journal.acknowledge(TOPIC, [[first, first + 6]]);
    }
    const { byteLength: bytes } = parcelOf(1).body;
    expect(laneOf(journal.status(), TOPIC)).toMatchObject({ backlog: 1, bytes });
    expect(numbers(await journal.read({ topic: TOPIC, after: undefined, waitMs: 0 }))).toEqual([1]);
  });
});

test("a full backlog is answered with 503, an empty body and Retry-After", async () => {
  await runInDurableObject(freshJournal(), async (_, state) => {
    const journal = new Journal(state, { ...env, BACKLOG_MIB_MAX: "1" });
    const namespace = { idFromName: () => state.id, get: () => journal };
    const small = { ...env, SHARDS: "1", JOURNAL: namespace as unknown as typeof env.JOURNAL };
    const send = async () =>
      app.fetch(
        new Request(`${ORIGIN}/v1/events/player-events`, {
          method: "POST",
          headers: AUTH,
          body: JSON.stringify(MOVE),
        }),
        small,
      );
    expect((await send()).status).toBe(202);
    const body = new TextEncoder().encode(`{"n":"${"x".repeat(1024 * 1024)}"}\n`);
    await journal.append(request({ topic: TOPIC, count: 1, body }));
    const full = await send();
    expect(full.status).toBe(503);
    expect(await full.text()).toBe("");
    expect(Number(full.headers.get("retry-after"))).toBeGreaterThan(0);
    await journal.acknowledge(TOPIC, [[1, 2]]);
    expect((await send()).status).toBe(202);
  });
});
