import { describe, expect, test } from "vitest";
import { cohortShapes } from "../src/charts/cohort-grid.ts";
import { dataflowShapes } from "../src/charts/dataflow.ts";
import { diagramOption, type Band, type Box, type Shape } from "../src/charts/diagram.ts";
import { flowShapes } from "../src/charts/flow.ts";
import { partsBarsOption, rowsThatFit } from "../src/charts/parts-bars.ts";
import { ringShapes } from "../src/charts/rings.ts";
import { contrast, DARK, LIGHT } from "../src/charts/theme.ts";
import type { Dataflows, FlowNode } from "../src/model/dataflows.ts";

const room = { width: 600, height: 300, theme: DARK };
const bands = (shapes: readonly Shape[]): Band[] => shapes.filter((shape) => shape.kind === "band");
const boxes = (shapes: readonly Shape[]): Box[] => shapes.filter((shape) => shape.kind === "box");

describe("movement as a flow", () => {
  const movement = {
    flows: [
      { from: "l1", to: "l2", players: 30 },
      { from: "l2", to: "l1", players: 10 },
      { from: "l1", to: "l3", players: 10 },
    ],
    players: 50,
    withinLevel: 0,
    levels: ["l1", "l2", "l3"],
  };
  const shapes = flowShapes(movement, { ...room, colours: new Map(), called: (id) => id });

  test("a band is as thick as its share of players, and none leaves the picture", () => {
    const [most, least] = bands(shapes).toSorted((a, b) => b.height - a.height);
    expect(most!.height / least!.height).toBeCloseTo(3, 0);
    for (const band of bands(shapes)) {
      expect(Math.min(band.top1, band.top2)).toBeGreaterThanOrEqual(0);
      expect(Math.max(band.top1, band.top2) + band.height).toBeLessThanOrEqual(room.height + 0.5);
    }
  });

  test("a way there and a way back are two bands: the picture has no circle", () => {
    expect(bands(shapes)).toHaveLength(3);
    expect(boxes(shapes).map((box) => box.pick)).toEqual(["l1", "l2", "l1", "l2", "l3"]);
  });

  test("ids from players' devices do no harm in a tooltip", () => {
    const evil = {
      ...movement,
      flows: [{ from: "<img>", to: "l2", players: 1 }],
      levels: ["<img>", "l2"],
    };
    const tips = flowShapes(evil, { ...room, colours: new Map(), called: (id) => id }).map(
      (shape) => shape.tip ?? "",
    );
    expect(tips.join("")).not.toContain("<img>");
  });
});

describe("accounts and addresses", () => {
  const ring = (accounts: readonly string[], address: string) => ({
    accounts,
    addresses: [address],
    links: accounts.map((account) => ({ account, address, flags: 1, score: 0.8 })),
    flags: accounts.length,
  });

  test("every account hangs on its address", () => {
    const { shapes, drawn } = ringShapes([ring(["a", "b", "c", "d"], "10.0.0.1")], room);
    expect(drawn).toBe(1);
    expect(shapes.filter((shape) => shape.kind === "wire")).toHaveLength(4);
    expect(shapes.filter((shape) => shape.kind === "dot").map((dot) => dot.pick)).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  test("no name of a large ring lies on another", () => {
    const accounts = Array.from({ length: 17 }, (_, i) => `player_${i}`);
    const { shapes } = ringShapes([ring(accounts, "10.0.0.1")], room);
    const names = shapes.flatMap((shape) => (shape.kind === "dot" ? (shape.labels ?? []) : []));
    expect(names).toHaveLength(17);
    for (const align of ["left", "right"]) {
      const ys = names.filter((name) => name.align === align).map((name) => name.y);
      for (const [i, y] of ys.entries()) {
        if (i > 0) expect(y - (ys[i - 1] ?? 0)).toBeGreaterThanOrEqual(DARK.fontPx);
        expect(y).toBeGreaterThan(0);
        expect(y).toBeLessThan(room.height);
      }
    }
  });

  test("small groups stand beside a large one, and no group on another", () => {
    const width = 4 * 16 * DARK.fontPx;
    const rings = [
      ring(["a", "b", "c", "d"], "10.0.0.1"),
      ...["e", "f", "g"].map((account, i) => ring([account], `10.0.1.${i}`)),
    ];
    const { shapes, drawn } = ringShapes(rings, { ...room, width, height: 160 });
    expect(drawn).toBe(4);
    const dots = shapes.filter((shape) => shape.kind === "dot");
    const large = dots.filter((dot) => "abcd".includes(dot.pick ?? ""));
    for (const dot of dots.filter((one) => "efg".includes(one.pick ?? ""))) {
      expect(dot.x).toBeGreaterThan(Math.max(...large.map(({ x }) => x)));
    }
    expect(new Set(dots.map(({ x, y }) => `${x}/${y}`)).size).toBe(7);
  });

  test("what does not fit is not drawn, and the caller is told", () => {
    const many = Array.from({ length: 40 }, (_, i) => ring([`p${i}`], `10.0.0.${i}`));
    const { shapes, drawn } = ringShapes(many, room);
    expect(drawn).toBeGreaterThan(3);
    expect(drawn).toBeLessThan(40);
    for (const shape of shapes) {
      if (shape.kind === "dot") expect(shape.y).toBeLessThan(room.height);
    }
  });
});

describe("dataflows", () => {
  const node = (id: string, layer: number, fields: Partial<FlowNode> = {}): FlowNode => ({
    id,
    kind: "service",
    name: id,
    dataflow: "economy",
    layer,
    rate: 1,
    failed: 0,
    late: 0,
    windowing: "",
    states: [],
    rows: 0,
    lagMs: undefined,
    operators: [],
    ...fields,
  });
  const graph: Dataflows = {
    nodes: [
      node("in", 0, { kind: "topic" }),
      node("a", 1, { failed: 3 }),
      node("b", 1, { lagMs: 20_000 }),
      node("out", 2),
    ],
    edges: [
      { from: "in", to: "a", records: 1, rate: 4 },
      { from: "in", to: "b", records: 1, rate: 0 },
      { from: "a", to: "out", records: 1, rate: 4 },
    ],
    layers: 3,
    flows: [{ dataflow: "economy", version: "1", startedMs: 0, memoryBytes: 0, dropped: 0 }],
    asOfMs: 0,
  };
  const shapes = dataflowShapes(graph, room);

  test("later layers stand to the right, boxes of a layer do not overlap", () => {
    const [first, a, b, last] = boxes(shapes);
    expect(first!.x).toBeLessThan(a!.x);
    expect(a!.x).toBe(b!.x);
    expect(a!.y + a!.height).toBeLessThanOrEqual(b!.y);
    expect(last!.x + last!.width).toBeLessThanOrEqual(room.width);
  });

  test("faults and lag are said, and marked", () => {
    const [, a, b] = boxes(shapes);
    expect(a!.stroke).toBe(DARK.hot);
    expect(a!.labels?.at(-1)?.text).toContain("3 failed");
    expect(b!.labels?.at(-1)?.text).toContain("20 s behind");
  });
});

describe("cohorts", () => {
  const cohorts = [{ day: "2026-11-20", size: 10, returned: [10, undefined, 4] }];

  test.each([DARK, LIGHT])("a cell per known day, its number readable on its colour", (theme) => {
    const cells = boxes(cohortShapes(cohorts, { ...room, theme })).filter((box) => box.width > 0);
    expect(cells.map((cell) => cell.labels?.[0]?.text)).toEqual(["100 %", "40 %"]);
    for (const cell of cells) {
      expect(contrast(cell.labels?.[0]?.colour ?? "", cell.fill)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

test("lying bars stack their parts, and their words stand at the end", () => {
  const option = partsBarsOption(
    {
      parts: [
        { name: "done", colour: "#fff" },
        { name: "failed", colour: "#000" },
      ],
      rows: [{ name: "level_01", values: [3, 1], words: "75 %" }],
      width: 400,
      height: 100,
      format: String,
    },
    DARK,
  );
  const series = option.series as { stack: string; data: { value: number }[]; label?: object }[];
  expect(series.map(({ stack, data }) => [stack, data[0]?.value])).toEqual([
    ["all", 3],
    ["all", 1],
  ]);
  expect(series.map(({ label }) => label !== undefined)).toEqual([false, true]);
  expect(rowsThatFit(5)).toBe(1);
});

test("a diagram names what a click picks, and draws every shape", () => {
  const box: Shape = {
    kind: "box",
    x: 0,
    y: 0,
    width: 9,
    height: 9,
    fill: "#fff",
    pick: "level_01",
  };
  const wire: Shape = {
    kind: "wire",
    x1: 0,
    y1: 0,
    x2: 9,
    y2: 9,
    widthPx: 1,
    stroke: "#fff",
    curved: true,
  };
  const option = diagramOption([box, wire], DARK);
  const [series] = option.series as {
    data: { name: string }[];
    renderItem: (p: object) => { children: { type: string }[] };
  }[];
  expect(series!.data.map(({ name }) => name)).toEqual(["level_01", ""]);
  expect([0, 1].map((dataIndex) => series!.renderItem({ dataIndex }).children[0]?.type)).toEqual([
    "rect",
    "bezierCurve",
  ]);
});
