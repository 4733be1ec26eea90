/** The quick check and the table of fields never contradict each other. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { checkByTable } from "../src/check-event.ts";
import { EVENT_FIELDS, isPlainEvent, type EventTopic, type FieldKind } from "../src/index.ts";

const TIMES = ["2026-11-22T12:00:00.000Z", "2026-01-31T23:59:59.999Z", "2026-11-22T12:00:00+01:00"];

/** Values that a field accepts. */
function valid(kind: FieldKind): fc.Arbitrary<unknown> {
  switch (kind.type) {
    case "id":
      return fc.string({ minLength: 1, maxLength: 128 });
    case "text":
      return fc.string({ maxLength: 256 });
    case "time":
      return fc.constantFrom<unknown>(...TIMES, 1_763_812_800_000);
    case "integer":
      return fc.integer({ min: kind.min, max: kind.max });
    case "number":
      return fc.double({ min: kind.min ?? -1e9, max: kind.max ?? 1e9, noNaN: true });
    case "enum":
      return fc.constantFrom(...kind.values);
    case "pattern":
      return fc.constantFrom("USD", "EUR");
  }
}

const STRANGE: readonly unknown[] = [
  "",
  "x".repeat(129),
  "x".repeat(257),
  "usd",
  "USDX",
  "2026-02-30T00:00:00.000Z",
  "2026-11-22T24:00:00.000Z",
  "2026-13-01T00:00:00.000Z",
  "2026-11-22 12:00:00.000Z",
  "2026-11-22T12:00:00.0x0Z",
  "2026-11-22T12:00:00.000z",
  -1,
  0.5,
  1e300,
  Infinity,
];
const strange = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(...STRANGE));

describe.each(Object.keys(EVENT_FIELDS) as EventTopic[])("%s", (topic) => {
  const fields = EVENT_FIELDS[topic];
  const whole = fc.record(Object.fromEntries(fields.map(({ name, kind }) => [name, valid(kind)])), {
    requiredKeys: fields.filter((field) => field.required).map((field) => field.name),
  });

  test("every valid event of documented fields is plain", () => {
    fc.assert(
      fc.property(whole, (event) => {
        expect(checkByTable(topic, event)).toBeUndefined();

        expect(isPlainEvent(topic, event)).toBe(true);
      }),
    );
  });

  test("what is plain is valid, however it was spoiled", () => {
    const names = fc.oneof(fc.constantFrom(...fields.map((field) => field.name)), fc.string());
    const changes = fc.dictionary(names, strange, { minKeys: 1, maxKeys: 3 });
    fc.assert(
      fc.property(whole, changes, (event, spoiled) => {
        const value = { ...event, ...spoiled };
        if (isPlainEvent(topic, value)) expect(checkByTable(topic, value)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  test("further fields and nulls are left to the table", () => {
    fc.assert(
      fc.property(whole, (event) => {
        expect(isPlainEvent(topic, { ...event, more: 1 })).toBe(false);
        expect(isPlainEvent(topic, { ...event, event_id: null })).toBe(false);
        expect(isPlainEvent(topic, { ...event, title_id: "mine" })).toBe(false);
      }),
    );
  });
});

test("what is no object is not plain", () => {
  for (const value of [null, undefined, 7, "x", [], [1]]) {
    expect(isPlainEvent("purchases", value)).toBe(false);
  }
});
