import { expect, test } from "vitest";
import { accountsOf } from "../src/model/conservation.ts";
import { dataflowsOf } from "../src/model/dataflows.ts";
import { courses, T0, WINDOW_MS, windowAt } from "./samples.ts";

test("an account that does not come out names what is missing", () => {
  const stats = (records: number) => ({
    topic: "purchases",
    records,
    processed: 7,
    duplicates: 2,
    refused: 1,
    late: 3,
    ...windowAt(0),
  });
  expect(accountsOf(courses(stats(10)))).toMatchObject([{ counted: 4, missing: 0 }]);
  expect(accountsOf(courses(stats(11)))).toMatchObject([{ missing: 1 }]);
});

test("dataflows are joined at their topics, in layers from what enters to what comes out", () => {
  const graph = (dataflow: string) => ({
    dataflow,
    version: "1",
    started_at: T0,
    memory_bytes: 1024,
    dropped: 0,
    nodes: [
      { id: "topic:purchases", kind: "topic", name: "purchases", rate: 5 },
      { id: "service:count", kind: "service", name: "count", rate: 5, watermark: T0, failed: 2 },
      { id: `topic:${dataflow}-out`, kind: "topic", name: `${dataflow}-out`, rate: 1 },
    ] as const,
    edges: [
      { from: "topic:purchases", to: "service:count", records: 9, rate: 5 },
      { from: "service:count", to: `topic:${dataflow}-out`, records: 3, rate: 1 },
    ],
    ...windowAt(0),
  });
  const { nodes, layers, flows } = dataflowsOf(courses(graph("a"), graph("b")));
  expect(nodes.map(({ id, layer }) => [id, layer])).toEqual([
    ["topic:purchases", 0],
    ["a/service:count", 1],
    ["topic:a-out", 2],
    ["b/service:count", 1],
    ["topic:b-out", 2],
  ]);
  expect([layers, flows.length, nodes[1]?.lagMs]).toEqual([3, 2, WINDOW_MS]);
});

test("a dataflow that reads what it wrote still has as few layers as steps", () => {
  const node = (id: string) => ({ id, kind: "service" as const, name: id, rate: 1 });
  const edge = (from: string, to: string) => ({ from, to, records: 1, rate: 1 });
  const { layers } = dataflowsOf(
    courses({
      dataflow: "a",
      version: "1",
      started_at: T0,
      memory_bytes: 0,
      dropped: 0,
      nodes: ["topic:in", "service:s", "topic:mid", "service:t"].map(node),
      edges: [
        edge("topic:in", "service:s"),
        edge("service:s", "topic:mid"),
        edge("topic:mid", "service:t"),
        edge("service:t", "topic:mid"),
        edge("service:t", "topic:in"),
      ],
      ...windowAt(0),
    }),
  );
  expect(layers).toBe(4);
});
