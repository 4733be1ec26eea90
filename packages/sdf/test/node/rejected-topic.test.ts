/** Dropped records are kept in `<topic>-rejected`. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Rejection } from "../../src/engine/index.ts";
import { runDataflow } from "../../src/node/index.ts";
import { describeRejection } from "../../src/node/rejected-topic.ts";
import { Stage } from "./stage.ts";

const OPERATIONS = fileURLToPath(
  new URL("../../../../dataflows/server-operations", import.meta.url),
);

function rejectionOf(value: Uint8Array, more: Partial<Rejection> = {}): Rejection {
  const record = { offset: 7, timestamp: 1000, key: null, value };
  return {
    topic: "events",
    partition: 2,
    offset: 7,
    operator: { id: 1, service: "count", kind: "map", name: "read", line: 41 },
    reason: "no",
    panicked: false,
    record,
    ...more,
  };
}

function kept(rejection: Rejection) {
  const output = describeRejection("flow", rejection);
  if (output === undefined) return undefined;
  const decoder = new TextDecoder();
  return {
    key: decoder.decode(output.key!),
    value: JSON.parse(decoder.decode(output.value)) as Record<string, unknown>,
  };
}

describe("a dropped record", () => {
  test("is kept as it came, with where it was and why it was dropped", () => {
    expect(kept(rejectionOf(new TextEncoder().encode('{"torn')))).toEqual({
      key: "flow/events/2/7",
      value: {
        dataflow: "flow",
        topic: "events",
        partition: 2,
        offset: 7,
        timestamp: 1000,
        service: "count",
        operator: "read",
        line: 41,
        reason: "no",
        panicked: false,
        value: '{"torn',
      },
    });
  });

  test("that is no text is kept as base64", () => {
    const value = new Uint8Array([0xff, 0, 1]);
    expect(kept(rejectionOf(value))?.value).toMatchObject({ value_base64: "/wAB" });
  });

  test("that is very long is cut, between two characters", () => {
    const text = `x${"ä".repeat(200_000)}`;
    const { value } = kept(rejectionOf(new TextEncoder().encode(text)))!;
    expect(value).toMatchObject({ value: text.slice(0, 131_072), value_bytes: 400_001 });
  });

  test("is none when a window's result was dropped", () => {
    expect(kept(rejectionOf(new Uint8Array(), { record: undefined }))).toBeUndefined();
  });
});

describe("a running dataflow", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.close());

  const run = () =>
    runDataflow({
      dir: OPERATIONS,
      endpoint: stage.endpoint,
      checkpointDir: join(stage.dir, "operations"),
      checkpointIntervalMs: 100,
      log: () => {},
    });

  async function produce(...values: string[]) {
    await stage.fluvio.admin.ensureTopic("server-metrics");
    const producer = await stage.fluvio.producer("server-metrics");
    for (const value of values) await producer.send({ key: "k", value });
    await producer.close();
  }

  async function readTwo(topic: string) {
    const consumer = await stage.fluvio.consumer(topic, { start: "beginning" });
    const records: { key: string; value: Record<string, unknown> }[] = [];
    const decoder = new TextDecoder();
    for await (const batch of consumer) {
      for (const { key, value } of batch.records) {
        const parsed = JSON.parse(decoder.decode(value)) as Record<string, unknown>;
        records.push({ key: decoder.decode(key!), value: parsed });
      }
      if (records.length >= 2) break;
    }
    await consumer.close();
    return records;
  }

  const topics = async () => (await stage.fluvio.admin.listTopics()).map(({ name }) => name);

  test("creates the topic with the first bad record, and again when it was deleted", async () => {
    const dataflow = await run();
    expect(await topics()).not.toContain("server-metrics-rejected");
    await produce("no metric", '{"server_id":"s"}');
    await vi.waitFor(async () => expect(await topics()).toContain("server-metrics-rejected"), 5000);
    const first = await readTwo("server-metrics-rejected");
    expect(first[0]).toMatchObject({
      key: "server-operations/server-metrics/0/0",
      value: { value: "no metric", key: "k", panicked: false },
    });
    expect(first[0]?.value["line"]).toBeGreaterThan(1);
    expect(first[1]?.value["reason"]).toMatch(/missing field/);

    await stage.fluvio.admin.deleteTopic("server-metrics-rejected");
    await produce("again");
    await vi.waitFor(async () => {
      const [range] = await stage.fluvio.offsets("server-metrics-rejected");
      expect(range?.end).toBe(1);
    }, 8000);
    expect(dataflow.stats()).toMatchObject({ dropped: 3, pendingOutputs: 0 });
    await dataflow.close();
  });

  test("lets no checkpoint pass a bad record that is not kept yet", async () => {
    const first = await run();
    await produce("bad");
    await vi.waitFor(() =>
      expect(first.stats().offsets).toMatchObject({ "server-metrics": { 0: 1 } }),
    );
    await first.close();
    const [range] = await stage.fluvio.offsets("server-metrics-rejected");
    expect(range?.end).toBe(1);
    const second = await run();
    expect(second.stats().offsets).toMatchObject({ "server-metrics": { 0: 1 } });
    await second.close();
  });
});
