import { beforeEach, describe, expect, test } from "vitest";
import { DataflowEngine } from "../../src/engine/index.ts";
import { drainValues, loadModule, recordsOf } from "./load.ts";

const module = await loadModule("packages/sdf/test/engine/poison");

let engine: DataflowEngine;
let printed: string[];

beforeEach(() => {
  printed = [];
  engine = new DataflowEngine(module, { log: (message) => printed.push(message) });
});

function words(...texts: string[]) {
  return recordsOf(texts.map((text) => ({ text, at_ms: 1000 })));
}

function counts() {
  engine.finish();
  return Object.fromEntries(
    drainValues(engine).map(({ value }) => {
      const { text, count } = value as { text: string; count: number };
      return [text, count];
    }),
  );
}

describe("a record that an operator panics on", () => {
  test("is dropped with its offset and the panic's place, and the others count", () => {
    const records = words("a", "panic", "b", "index", "a");
    engine.process({ source: 0, partition: 3, records }, 0);
    expect(engine.takeRejections()).toMatchObject([
      {
        topic: "words",
        partition: 3,
        offset: 1,
        panicked: true,
        operator: { service: "count", name: "misbehave" },
        reason: expect.stringMatching(/^dataflow\.yaml:\d+:\d+: no panic$/) as unknown,
      },
      {
        offset: 3,
        panicked: true,
        reason: expect.stringMatching(/index out of bounds/) as unknown,
      },
    ]);
    expect(counts()).toEqual({ a: 2, b: 1 });
  });

  test("a thousand times over leaves the rest intact", () => {
    for (let round = 0; round < 1000; round += 1) {
      engine.process({ source: 0, partition: 0, records: words("a", "panic", "b") }, 0);
    }
    expect(engine.takeRejections()).toHaveLength(1000);
    expect(counts()).toEqual({ a: 1000, b: 1000 });
    const map = engine.stats().operators.find(({ name }) => name === "misbehave");
    expect(map).toMatchObject({ succeeded: 2000, failed: 1000 });
  });

  test("may also recurse without end", () => {
    engine.process({ source: 0, partition: 0, records: words("a", "forever", "b") }, 0);
    expect(engine.takeRejections()).toMatchObject([{ offset: 1, panicked: true }]);
    expect(counts()).toEqual({ a: 1, b: 1 });
  });

  test("does not disturb the records' keys and values behind it", () => {
    const records = words("panic", "a", "panic", "panic", "b").map((record) => ({
      ...record,
      key: new TextEncoder().encode("key"),
    }));
    engine.process({ source: 0, partition: 0, records }, 0);
    expect(counts()).toEqual({ a: 1, b: 1 });
  });
});

describe("a record that is refused", () => {
  test("by its operator or its schema is dropped with the reason", () => {
    const records = [...words("a", "error"), ...recordsOf([{ text: 1, at_ms: 1 }, "{"])].map(
      (record, offset) => ({ ...record, offset: 40 + offset }),
    );
    engine.process({ source: 0, partition: 0, records }, 0);
    expect(engine.takeRejections()).toMatchObject([
      { offset: 41, panicked: false, reason: "an error for error", operator: { kind: "map" } },
      { offset: 42, panicked: false, operator: { kind: "source" } },
      { offset: 43, panicked: false, operator: { kind: "source" } },
    ]);
    expect(counts()).toEqual({ a: 1 });
  });
});

describe("a window whose flush fails", () => {
  test.each([
    ["flush panic", true],
    ["flush error", false],
  ])("(%s) is lost, the windows after it are not", (text, panicked) => {
    const records = recordsOf([
      { text: "a", at_ms: 1000 },
      { text, at_ms: 1500 },
      { text: "b", at_ms: 2000 },
      { text: "c", at_ms: 3000 },
    ]);
    engine.process({ source: 0, partition: 0, records }, 0);
    expect(engine.takeRejections()).toMatchObject([
      { offset: undefined, panicked, operator: { name: "list_words" } },
    ]);
    expect(counts()).toEqual({ b: 1, c: 1 });
  });

  test("also when time or the end closes it", () => {
    engine.process({ source: 0, partition: 0, records: words("flush panic") }, 0);
    engine.tick(5000);
    expect(engine.takeRejections()).toMatchObject([{ panicked: true, offset: undefined }]);
    const later = recordsOf([
      { text: "flush panic", at_ms: 9000 },
      { text: "d", at_ms: 11_000 },
    ]);
    engine.process({ source: 0, partition: 1, records: later.slice(0, 1) }, 5000);
    engine.process({ source: 0, partition: 1, records: later.slice(1) }, 5000);
    expect(engine.takeRejections()).toHaveLength(1);
    expect(counts()).toEqual({ d: 1 });
  });
});

test("what operators print reaches the log", () => {
  engine.process({ source: 0, partition: 0, records: words("print", "error") }, 0);
  expect(printed).toEqual(["printed at 1000"]);
});

test.each([
  [{}, "nobody"],
  [{ GREETING: "a=b\n" }, "a=b\n"],
])("operators read the environment %j that the host gives", (env, text) => {
  const greeting = new DataflowEngine(module, { env, log: (message) => printed.push(message) });
  greeting.process({ source: 0, partition: 0, records: words("greet") }, 0);
  expect(printed).toEqual([text]);
  expect(greeting.plan.env).toEqual(["GREETING"]);
});

test("the seed of the hashes shows nowhere", () => {
  const seeded = [1, 2].map((number) => {
    const instance = new DataflowEngine(module, { seed: [number, 7] });
    instance.process({ source: 0, partition: 0, records: words("a", "b", "c", "a") }, 0);
    return instance.snapshot();
  });
  expect(seeded[0]).toEqual(seeded[1]);
});
