/** The small parts that work on bytes and texts. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { eventIds, idAt } from "../src/body/event-ids.ts";
import { faultOffset } from "../src/body/json-fault-offset.ts";
import { jsonFault, type JsonFault } from "../src/body/json-position.ts";
import { feedLines } from "../src/journal/feed-lines.ts";
import { FingerprintSet } from "../src/journal/fingerprint-set.ts";
import { scopeOf, shardOf, writeFingerprint } from "../src/journal/fingerprint.ts";
import { withoutLines } from "../src/journal/lines.ts";
import { rawLines } from "../src/journal/raw-lines.ts";
import { MOVE } from "./helpers.ts";

const event = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });

function bytesOf(events: readonly unknown[]): Uint8Array {
  return new TextEncoder().encode(events.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

function of(title: string, topic: "purchases" | "player-events", id: string): string {
  const words = new Uint32Array(2);
  writeFingerprint(words, 0, { scope: scopeOf(title, topic), id });
  return words.join("-");
}

function fault(text: string): JsonFault {
  try {
    JSON.parse(text);
  } catch (thrown) {
    return jsonFault(text, thrown);
  }
  throw new Error("this was valid");
}

test("feed lines are the stored events with the position added, whatever they hold", () => {
  fc.assert(
    fc.property(
      fc.array(event, { minLength: 1, maxLength: 8 }),
      fc.oneof(fc.integer({ min: 1, max: 2 ** 40 }), fc.constantFrom(7, 97, 998)),
      fc.integer({ min: 0, max: 9 }),
      (events, firstSeq, skipped) => {
        const batch = { firstSeq, count: events.length, body: bytesOf(events), raw: null };
        const out = feedLines(batch, { shard: 3, after: firstSeq - 1 + skipped });
        const wanted = events
          .map((one, i) => ({ ...one, feed: { shard: 3, seq: firstSeq + i } }))
          .slice(skipped);
        expect(out).toEqual(bytesOf(wanted));
      },
    ),
  );
});

test("feed lines of a body as it came say the same as those of its events, one by one", () => {
  const receivedMs = Date.parse(MOVE.timestamp);
  const move = { ...MOVE, timestamp: new Date(receivedMs).toISOString() };
  const ids = { prefix: "", digits: 1, suffix: "" };
  const stamp = { receivedMs, titleId: "a", address: undefined, ids, repeatable: false };
  const text = fc.oneof(fc.string(), fc.constantFrom("{", "}", "},{", '"', "\n", "é", "\\"));
  const spaces = fc.constantFrom(undefined, 1, "\t");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, fc.nat({ max: 4 })), { minLength: 1, maxLength: 30 }),
      fc.tuple(fc.constantFrom(1, 8, 95, 990, 2 ** 40), fc.nat({ max: 5 })),
      fc.oneof(spaces, fc.constant("lines" as const)),
      (entries, [firstSeq, skipped], style) => {
        const events = entries.map(([reason], n) => ({ ...move, event_id: `id-${n}`, reason }));
        const leftOut = entries.flatMap(([, kept], n) => (kept === 0 ? [n] : []));
        const lines = style === "lines";
        const body = lines
          ? bytesOf(events)
          : new TextEncoder().encode(JSON.stringify(events, null, style));
        const form = { topic: "player-events", lines, flat: true, stamp, leftOut } as const;
        const wanted = rawLines(body, form)
          .map((line, n): unknown => ({
            ...(JSON.parse(line) as object),
            feed: { shard: 3, seq: firstSeq + n },
          }))
          .slice(skipped);
        const count = events.length - leftOut.length;
        const batch = { firstSeq, count, body, raw: JSON.stringify(form) };
        const out = feedLines(batch, { shard: 3, after: firstSeq - 1 + skipped });
        const parts = new TextDecoder().decode(out).split("\n");
        expect(parts.pop()).toBe("");
        expect(parts.map((part): unknown => JSON.parse(part))).toEqual(wanted);
      },
    ),
    { numRuns: 300 },
  );
});

test("leaving out lines leaves the others as they are", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.boolean())), (entries) => {
      const out = entries.flatMap(([, dropped], i) => (dropped ? [i] : []));
      const kept = entries.filter(([, dropped]) => !dropped).map(([one]) => one);
      expect(withoutLines(bytesOf(entries.map(([one]) => one)), out)).toEqual(bytesOf(kept));
    }),
  );
});

describe("fingerprints", () => {
  test("are the same for the same id and differ by id, topic and title", () => {
    expect(of("a", "purchases", "1")).toBe(of("a", "purchases", "1"));
    const all = new Set<string>();
    for (let i = 0; i < 20_000; i += 1) all.add(of("a", "purchases", `receipt-${i}`));
    for (let i = 0; i < 20_000; i += 1) all.add(of("a", "player-events", `receipt-${i}`));
    for (let i = 0; i < 20_000; i += 1) all.add(of("b", "purchases", `receipt-${i}`));
    expect(all.size).toBe(60_000);
  });

  test("are found again in a set that grew", () => {
    const set = new FingerprintSet(100_000);
    const span = { nowS: 100, sinceS: 50 };
    for (let i = 1; i <= 20_000; i += 1) expect(set.add(i, i * 7, span)).toBe(true);
    for (let i = 1; i <= 20_000; i += 1) expect(set.add(i, i * 7, span)).toBe(false);
    expect(set.size).toBe(20_000);
    expect(set.add(1, 7, { nowS: 200, sinceS: 150 })).toBe(true);
  });

  test("players spread over the shards", () => {
    const counts = [0, 0, 0, 0];
    const lane = { title: "a", topic: "purchases" } as const;
    for (let i = 0; i < 4_000; i += 1)
      counts[shardOf(lane, `player-${i}`, { shards: 4, topicShards: 4 })]! += 1;
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });
});

test("event ids are UUIDv7: unique and in the order of their making", () => {
  const series = eventIds(1_700_000_000_000);
  const ids = Array.from({ length: 500 }, (_, index) => idAt(series, index));
  expect(new Set(ids).size).toBe(500);
  expect(ids).toEqual(ids.toSorted());
  for (const id of ids) {
    expect(id).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test("the place of a fault in JSON is found wherever the text was spoiled", () => {
  expect(fault('{"a": tru}')).toMatchObject({ line: 1, column: 10 });
  expect(fault('{"a": 1,}')).toMatchObject({ line: 1, column: 9 });
  expect(fault('{"a": 1')).toMatchObject({ line: 1, column: 8 });
  expect(fault('[\n  {"a": 01}\n]')).toMatchObject({ line: 2, column: 10 });
  expect(fault("{'a': 1}")).toMatchObject({ line: 1, column: 2 });
  expect(fault('{"a": "é\u0001"}')).toMatchObject({ line: 1, column: 9, byte: 9 });
  expect(fault("hello")).toMatchObject({ line: 1, column: 1 });
  expect(fault('{"a": 1} x')).toMatchObject({ line: 1, column: 10 });
});

test("the scanner refuses a text where the engine does, or at the start of that escape or number", () => {
  const spoil = fc.tuple(
    fc.jsonValue(),
    fc.nat(),
    fc.constantFrom("", "x", "{", "]", ",", '"', "1"),
  );
  fc.assert(
    fc.property(spoil, ([value, place, char]) => {
      const text = JSON.stringify(value, null, 1);
      const at = place % (text.length + 1);
      const spoiled = text.slice(0, at) + char + text.slice(at + 1);
      let valid = true;
      let told: number | undefined;
      try {
        JSON.parse(spoiled);
      } catch (thrown) {
        valid = false;
        const position = /at position (\d+)/.exec((thrown as Error).message)?.[1];
        if (position !== undefined) told = Number(position);
      }
      if (valid) expect(faultOffset(spoiled)).toBe(spoiled.length);
      else if (told !== undefined) {
        expect(faultOffset(spoiled)).toBeLessThanOrEqual(told);
        expect(faultOffset(spoiled)).toBeGreaterThanOrEqual(told - "\\u1234".length);
      }
    }),
  );
});
