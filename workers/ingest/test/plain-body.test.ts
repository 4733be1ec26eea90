/** A body that is known to be plain without being parsed means the same as if it had been parsed. */
import type { EventTopic } from "@arenaflow/events";
import { reset } from "cloudflare:test";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";

import { EventsBody } from "../src/body/events-body.ts";
import { parseEvents } from "../src/body/parse-events.ts";
import { plainParcel, rawParcel } from "../src/body/raw-parcel.ts";
import { decodeBody } from "../src/body/read-body.ts";
import type { Stamp } from "../src/body/write-line.ts";
import { writeFingerprint, writeFingerprintAt } from "../src/journal/fingerprint.ts";
import { INGEST_LIMITS } from "../src/limits.ts";
import { answerOf, METRICS, MOVE, post, PURCHASE, readFeed } from "./helpers.ts";

afterEach(async () => reset());

const NOW = Date.parse("2026-11-22T12:00:00.500Z");
const STAMP: Stamp = {
  receivedMs: NOW,
  titleId: "a title",
  address: undefined,
  ids: { prefix: "new-", digits: 3, suffix: "" },
  repeatable: false,
};
const encoder = new TextEncoder();
const JSON_TYPE = "application/json";
const LINES_TYPE = "application/x-ndjson";
const MANY = INGEST_LIMITS.rawFromEvents * 2;

const EVENTS: Readonly<Record<EventTopic, Record<string, unknown>>> = {
  "player-events": { ...MOVE, x: 12.5, y: -0.25, reason: "" },
  purchases: { ...PURCHASE, ip_address: "10.0.0.1", transaction_type: "refund" },
  "server-metrics": { ...METRICS, connected_players: 12 },
};
const TIMES = { "player-events": "timestamp", purchases: "purchase_timestamp" } as const;

function eventsOf(topic: EventTopic, count = MANY): Record<string, unknown>[] {
  const time = topic === "purchases" ? TIMES.purchases : TIMES["player-events"];
  return Array.from({ length: count }, (_, n) => ({
    ...EVENTS[topic],
    event_id: `id-${n}`,
    [time]: new Date(NOW - n * 1_234).toISOString(),
  }));
}

interface Written {
  readonly text: string;
  readonly type: string;
}

/** All that becomes of a body, or what is wrong with it. */
function byParsing(topic: EventTopic, { text, type }: Written, stamp: Stamp) {
  const bytes = encoder.encode(text);
  const request = { topic, bytes, lines: type === LINES_TYPE, stamp, shard: 1 };
  try {
    return rawParcel({ ...request, items: parseEvents(decodeBody(bytes), type) });
  } catch (error) {
    return error;
  }
}

/** The same by way of the patterns; `plain` tells whether they sufficed. */
function byPatterns(topic: EventTopic, { text, type }: Written, stamp: Stamp) {
  const bytes = encoder.encode(text);
  try {
    const body = new EventsBody(bytes, { type, topic });
    const request = { topic, bytes, lines: body.lines, stamp, shard: 1 };
    const plain = body.plain === undefined ? undefined : plainParcel(request, body.plain);
    const result = plain ?? rawParcel({ ...request, items: body.items });
    return { plain: plain !== undefined, result };
  } catch (error) {
    return { plain: false, result: error };
  }
}

function expectSame(topic: EventTopic, body: Written, stamp = STAMP): boolean {
  const { plain, result } = byPatterns(topic, body, stamp);
  expect(result).toEqual(byParsing(topic, body, stamp));
  return plain;
}

/** Teaches the patterns of a body, then tells whether it is plain. */
function isPlain(topic: EventTopic, body: Written, stamp = STAMP): boolean {
  expectSame(topic, body, stamp);
  return expectSame(topic, body, stamp);
}

const STYLES: Readonly<Record<string, (events: readonly unknown[]) => Written>> = {
  "a list": (events) => ({ text: JSON.stringify(events), type: JSON_TYPE }),
  "a list over several lines": (events) => ({
    text: ` ${JSON.stringify(events, null, 2)}\r\n`,
    type: JSON_TYPE,
  }),
  "a list as Python writes it": (events) => ({
    text: JSON.stringify(events, null, 1).replaceAll("\n ", " ").replaceAll("  ", " "),
    type: JSON_TYPE,
  }),
  lines: (events) => ({
    text: events.map((event) => `${JSON.stringify(event)}\n`).join(""),
    type: LINES_TYPE,
  }),
  "lines with blanks": (events) => ({
    text: events.map((event) => JSON.stringify(event).replaceAll(",", " , ")).join("\r\n\r\n"),
    type: LINES_TYPE,
  }),
};

describe.each(Object.keys(EVENTS) as EventTopic[])("%s", (topic) => {
  test.each(Object.keys(STYLES))("in %s are known for plain", (style) => {
    expect(isPlain(topic, STYLES[style]!(eventsOf(topic)))).toBe(true);
  });

  test("whatever byte of a body changes, the answer is the one of parsing", () => {
    const styles = fc.constantFrom(...Object.values(STYLES));
    const characters = fc.constantFrom(...'"\\,:{}[]0-9.eTZ \n\t\u0000aé'.split(""));
    const changes = fc.tuple(styles, fc.nat({ max: 100_000 }), characters, fc.nat({ max: 2 }));
    const events = eventsOf(topic);
    fc.assert(
      fc.property(changes, ([style, place, character, removed]) => {
        const { text, type } = style(events);
        const at = place % text.length;
        const changed = text.slice(0, at) + character + text.slice(at + removed);
        expectSame(topic, { text: changed, type });
      }),
      { numRuns: 400 },
    );
  });

  test("whatever value a field has, the answer is the one of parsing", () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 100, 100.5, 1e9, 1e21));
    const string = fc.oneof(fc.string(), fc.string({ minLength: 120, maxLength: 260 }));
    const time = fc.date({ noInvalidDate: true }).map((date) => date.toJSON());
    const value = fc.oneof(number, string, time, fc.constant(null), fc.constant(undefined));
    const field = fc.constantFrom(...Object.keys(EVENTS[topic]), "event_id", "more", "__proto__");
    const events = eventsOf(topic);
    const changes = fc.tuple(fc.nat({ max: MANY - 1 }), field, value);
    fc.assert(
      fc.property(changes, ([index, name, changed]) => {
        const spoiled = events.with(index, { ...events[index], [name]: changed });
        expectSame(topic, STYLES["a list"]!(spoiled));
      }),
      { numRuns: 400 },
    );
  });
});

const moves = eventsOf("player-events");
const list = STYLES["a list"]!(moves).text;

test.each([
  ["a field named twice", list.replace('"x":', '"x":1,"x":')],
  ["an escape", list.replace("id-3", "id\\u002d3")],
  ["a letter beyond ASCII", list.replace("id-3", "id-é")],
  ["a control character", list.replace("id-3", "id\t3")],
  ["a further field", list.replace('"x":', '"z":1,"x":')],
  ["an exponent", list.replace("12.5", "125e-1")],
  ["a number of many digits", list.replace("12.5", "9".repeat(400))],
  ["a zero in front of a number", list.replace("12.5", "012.5")],
  ["30 February", list.replace(/2026-11-22/, "2026-02-30")],
  ["an hour too many", list.replace(/T\d\d:/, "T24:")],
  ["a time that is not believed", list.replace(/2026-11-22/, "2026-11-12")],
  ["an empty id", list.replace("id-3", "")],
  ["an id that is too long", list.replace("id-3", "i".repeat(129))],
  ["a body without a text", JSON.stringify(Array.from({ length: 600 }, (_, n) => n))],
  ["a comma too many", list.replace(/\]$/, ",]")],
  ["a comma too few", list.replace("},{", "} {")],
  ["an end too early", list.slice(0, -1)],
  ["an end too late", `${list} 1`],
  ["a mark in front", `\ufeff${list}`],
  ["a list in a list", `[${list}]`],
  ["more events than are taken", STYLES["a list"]!(eventsOf("player-events", 501)).text],
])("%s is not plain", (_, text) => {
  expect(isPlain("player-events", { text, type: JSON_TYPE })).toBe(false);
});

test.each([
  ["as long as an id may be", { event_id: "i".repeat(128) }],
  ["longer than an id may be", { reason: "r".repeat(129) }],
  ["as long as a text may be", { reason: "r".repeat(256) }],
])("a text %s is plain", (_, change) => {
  const changed = moves.with(3, { ...moves[3], ...change });
  expect(isPlain("player-events", STYLES["a list"]!(changed))).toBe(true);
});

test.each([
  ["two events on a line", (text: string) => text.replace("\n", " ")],
  ["an event on two lines", (text: string) => text.replace(",", ",\n")],
  ["a list", () => list],
])("%s is not plain where there should be lines", (_, change) => {
  const text = change(STYLES["lines"]!(moves).text);
  expect(isPlain("player-events", { text, type: LINES_TYPE })).toBe(false);
});

test("the first and the last minute in which a clock is believed are looked at closely", () => {
  const at = (ms: number) => moves.map((move) => ({ ...move, timestamp: new Date(ms).toJSON() }));
  const body = (ms: number) => STYLES["a list"]!(at(ms));
  const minute = 60_000;
  expect(isPlain("player-events", body(NOW + 5 * minute + 1))).toBe(false);
  expect(isPlain("player-events", body(NOW + 4 * minute))).toBe(true);
});

test("events are not plain that lack an address, or come from a clock that is wrong", () => {
  const purchases = eventsOf("purchases");
  for (const purchase of purchases) delete purchase["ip_address"];
  const body = STYLES["a list"]!(purchases);
  expect(isPlain("purchases", body)).toBe(true);
  expect(isPlain("purchases", body, { ...STAMP, address: "10.0.0.9" })).toBe(false);
  expect(isPlain("purchases", body, { ...STAMP, clock: { behindMs: 60_000 } })).toBe(false);
});

test("a few orders of fields in one body are known, many are not looked for", () => {
  const inOrder = (event: object, first: number) => {
    const fields = Object.entries(event);
    return Object.fromEntries([...fields.slice(first), ...fields.slice(0, first)]);
  };
  const mixed = (orders: number) =>
    STYLES["a list"]!(moves.map((move, n) => inOrder(move, n % orders)));
  const few = mixed(3);
  for (let round = 0; round < 3; round += 1) expectSame("player-events", few);
  expect(isPlain("player-events", few)).toBe(true);
  const many = mixed(Object.keys(moves[0]!).length);
  for (let round = 0; round < MANY; round += 1) expectSame("player-events", many);
});

test("the fingerprint of an id is the same in bytes as in text", () => {
  const ids = fc.string({
    minLength: 1,
    unit: fc.integer({ min: 35, max: 126 }).map((unit) => String.fromCharCode(unit)),
  });
  fc.assert(
    fc.property(ids, fc.integer(), (id, scope) => {
      const [text, bytes] = [new Uint32Array(2), new Uint32Array(2)];
      writeFingerprint(text, 0, { scope, id });
      writeFingerprintAt(bytes, 0, { scope, bytes: encoder.encode(`["${id}"]`), start: 2 });
      expect(bytes).toEqual(text);
    }),
  );
});

test("plain events are told for repeats of those that were parsed, and the other way round", async () => {
  const now = new Date().toISOString();
  const plain = moves.map((move, n) => ({ ...move, event_id: `id-${n}`, timestamp: now }));
  const parsed = plain.map((move) => ({ ...move, more: 1 }));
  const path = "/v1/events/player-events";
  expect(await answerOf(await post(path, parsed.slice(0, 20)))).toMatchObject({ accepted: 20 });
  const answer = await answerOf(await post(path, plain));
  expect(answer).toMatchObject({ accepted: MANY - 20, duplicates: 20, rejected: [] });
  expect(await answerOf(await post(path, plain))).toMatchObject({ accepted: 0, duplicates: MANY });
  expect(await answerOf(await post(path, parsed))).toMatchObject({ duplicates: MANY });
  const records = await readFeed("player-events", MANY);
  expect(records.map((record) => record["event_id"])).toEqual(plain.map((move) => move.event_id));
  expect(records.map((record) => record["x"])).toEqual(plain.map(() => 12.5));
});
