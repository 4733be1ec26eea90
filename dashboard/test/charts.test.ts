import { describe, expect, test } from "vitest";
import { columnHeads } from "../src/charts/column-heads.ts";
import { heatCells, heatMapOption } from "../src/charts/heat-map.ts";
import { itemRankingOption } from "../src/charts/item-ranking.ts";
import { COUNTS, linesOption } from "../src/charts/lines.ts";
import { escapeHtml, niceCeil, secondsCeil, tipHtml } from "../src/charts/option.ts";
import { revenueBarsOption } from "../src/charts/revenue-bars.ts";
import { sparkPath } from "../src/charts/sparkline.ts";
import { contrast, slotColour, DARK, LIGHT, rampColour, textOn } from "../src/charts/theme.ts";
import { COLOUR_STEPS } from "../src/model/colours.ts";
import { calledBy } from "../src/model/names.ts";
import { playersOf } from "../src/model/players.ts";
import { salesOf } from "../src/model/sales.ts";
import { activity, courses, sale, T0 } from "./samples.ts";

const called = calledBy({
  levels: new Map([["level_01", "First Light"]]),
  maps: new Map([["map_05", "Dragon's Spine"]]),
  items: new Map([["a", "Aegis Shield"]]),
});

const SPAN = { fromMs: T0, toMs: T0 + 60_000 };

/** Options are plain data; tests look into them as such. */
// oxlint-disable-next-line typescript/no-explicit-any -- ECharts' option is a union that tests would only cast away
const plain = (option: unknown): any => structuredClone(JSON.parse(JSON.stringify(option)));

describe("heat map", () => {
  const players = playersOf(
    courses(
      activity(0, { level_id: "level_02", active_players: 3 }),
      activity(1, { active_players: 40 }),
      activity(1, { map_id: "map_01", active_players: 5 }),
    ),
  );
  const room = { width: 600, height: 160, filter: {}, called };
  const option = plain(heatMapOption(players, DARK, room));

  test("has a cell for every level and map, empty ones too", () => {
    expect(option.xAxis.data).toEqual(["map_01", "map_05"]);
    expect(option.yAxis.data).toEqual(["level_01", "level_02"]);
    expect(option.series[0].data.map((cell: { value: number[] }) => cell.value)).toEqual([
      [0, 0, 5],
      [1, 0, 40],
      [0, 1, 0],
      [1, 1, 0],
    ]);
  });

  test("what the filter leaves out stays in sight, faded", () => {
    const cells = heatCells(players, DARK, { level: "level_01" });
    expect(cells.map(({ chosen }) => chosen)).toEqual([true, true, false, false]);
  });

  test("few cells stay small, many share the plot", () => {
    expect(option.grid).toMatchObject({ width: 400, height: 112 });
  });

  test("rows and columns are called by their names; the data keeps the ids", () => {
    const drawn = heatMapOption(players, DARK, room);
    const label = (axis: unknown): ((id: string) => string) =>
      (axis as { axisLabel: { formatter: (id: string) => string } }).axisLabel.formatter;
    expect(["level_01", "level_02"].map(label(drawn.yAxis))).toEqual(["First Light", "level_02"]);
    expect(["map_01", "map_05"].map(label(drawn.xAxis))).toEqual(["map_01", "Dragon's\nSpine"]);
  });

  test("names over columns take two lines, stand upright where these do not fit, and are cut last", () => {
    const names = ["Harbour of Lanterns", "Mirage"];
    const heads = (columnPx: number, heightPx: number) =>
      columnHeads(names, { columnPx, heightPx, rows: 12 }, DARK);
    const wide = heads(80, 200);
    expect(names.map(wide.linesOf)).toEqual(["Harbour of\nLanterns", "Mirage"]);
    expect(wide.label).not.toHaveProperty("rotate");
    const upright = heads(30, 350);
    expect(upright.label).toMatchObject({ rotate: -90 });
    expect(names.map(upright.linesOf)).toEqual(names);
    expect((350 - upright.px) / 12).toBeGreaterThan(DARK.fontPx);
    expect(heads(30, 200).label).toMatchObject({ width: 28, overflow: "truncate" });
  });

  test("a place that nobody ever visited has no number", () => {
    expect(heatCells(players, DARK).map(({ text }) => text)).toEqual(["5", "40", "", "0"]);
  });
});

describe("lines", () => {
  const base = { span: SPAN, theme: DARK, format: String };

  test("a lone point becomes a dot; it would be invisible as a line", () => {
    const points = [
      [T0, 3],
      [T0 + 5_000, null],
      [T0 + 10_000, 4],
      [T0 + 15_000, 5],
    ] as const;
    const { series } = plain(linesOption([{ name: "a", slot: 0, points }], base));
    expect(series[0].data[0]).toMatchObject({ symbol: "circle" });
    expect(series[0].data[2]).toEqual([T0 + 10_000, 4]);
  });

  test("the axis always shows the threshold", () => {
    const option = plain(
      linesOption([{ name: "a", slot: 0, points: [[T0, 3]] }], {
        ...base,
        threshold: { value: 150, name: "t" },
      }),
    );
    expect(option.yAxis.max).toBeGreaterThanOrEqual(150);
    expect(option.series.at(-1).data).toEqual([
      [SPAN.fromMs, 150],
      [SPAN.toMs, 150],
    ]);
  });

  test("an axis of whole numbers has no half of one in its middle", () => {
    const line = { name: "a", slot: 0, points: [[T0, 5]] as const };
    const top = (scale: object): number =>
      plain(linesOption([line], { ...base, ...scale })).yAxis.max;
    expect([top({}), top(COUNTS)]).toEqual([5, 6]);
  });

  test("an axis of times ends at one that is round on a clock", () => {
    expect([0.2, 61, 130, 250, 400, 4000].map(secondsCeil)).toEqual([10, 120, 240, 360, 480, 7200]);
  });

  test("a stack's axis reaches its sum", () => {
    const points = [[T0, 60]] as const;
    const option = plain(
      linesOption(
        [
          { name: "a", slot: 0, points },
          { name: "b", slot: 1, points },
        ],
        { ...base, stacked: true },
      ),
    );
    expect(option.yAxis.max).toBe(120);
  });
});

describe("revenue", () => {
  const bins = [
    { startMs: T0, endMs: T0 + 10_000, cents: new Map([["a", 100]]), restCents: 20 },
    { startMs: T0 + 10_000, endMs: T0 + 20_000, cents: new Map(), restCents: 0 },
  ];

  test("stacks the named items and the rest, and draws a growing bar lighter", () => {
    const data = {
      bins,
      items: ["a"],
      colours: new Map([["a", 2]]),
      called: called.item,
      wholeUntilMs: T0 + 15_000,
    };
    const { series } = plain(revenueBarsOption(data, LIGHT));
    expect(series.map((s: { name: string; color: string }) => [s.name, s.color])).toEqual([
      ["Aegis Shield", LIGHT.slots[2]],
      ["other items", LIGHT.rest],
    ]);
    expect(
      series[0].data.map((bar: { itemStyle: { opacity: number } }) => bar.itemStyle.opacity),
    ).toEqual([1, 0.45]);
  });
});

describe("ranking", () => {
  const { items } = salesOf(
    courses(...["c", "a", "b"].map((item, i) => sale(0, { item_id: item, total_revenue: 10 - i }))),
  );
  const colours = new Map([["a", 4]]);

  test("animated, the chart sorts; without motion, the data is sorted", () => {
    const moving = plain(
      itemRankingOption(
        { items, colours, called: called.item, rows: 3, rowPx: 20, animate: true },
        DARK,
      ),
    );
    expect([moving.series[0].realtimeSort, moving.yAxis.data]).toEqual([true, ["a", "b", "c"]]);
    const still = plain(
      itemRankingOption(
        { items, colours, called: called.item, rows: 3, rowPx: 20, animate: false },
        DARK,
      ),
    );
    expect([still.animation, still.yAxis.data]).toEqual([false, ["c", "a", "b"]]);
  });

  test("shows the best that fit, in their own colours", () => {
    const option = plain(
      itemRankingOption(
        { items, colours, called: called.item, rows: 2, rowPx: 20, animate: false },
        DARK,
      ),
    );
    expect(option.yAxis.data).toEqual(["c", "a"]);
    expect(option.series[0].data[1].itemStyle.color).toBe(DARK.slots[4]);
  });
});

describe("sparkline", () => {
  test("spans its box and breaks at gaps", () => {
    const path = sparkPath(
      [
        [T0, 0],
        [T0 + 30_000, 10],
        [T0 + 40_000, null],
        [T0 + 60_000, 5],
      ],
      SPAN,
      { width: 100, height: 20 },
    );
    expect(path.line).toBe("M0.0 18.5L50.0 1.5M100.0 10.0");
  });

  test("is empty without points", () => {
    expect(sparkPath([], SPAN, { width: 100, height: 20 })).toEqual({ line: "", area: "" });
  });
});

describe("palette", () => {
  test.each([
    ["dark", DARK],
    ["light", LIGHT],
  ])("%s: marks reach 3:1, text 4.5:1 against the panel", (_, theme) => {
    const steps = [...Array(COLOUR_STEPS).keys()].map((i) => slotColour(theme, i, "steps"));
    for (const colour of [...theme.slots, ...steps, theme.rest, theme.hot, theme.accent]) {
      expect(contrast(colour, theme.background), colour).toBeGreaterThanOrEqual(3);
    }
    for (const colour of [theme.text, theme.textQuiet]) {
      expect(contrast(colour, theme.background), colour).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each([
    ["dark", DARK],
    ["light", LIGHT],
  ])("%s: numbers on every shade of the heat map reach 4.5:1", (_, theme) => {
    for (let share = 0; share <= 1; share += 0.02) {
      const colour = rampColour(theme.ramp, share);
      expect(contrast(textOn(colour), colour), colour).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(theme.textQuiet, theme.ramp[0]!)).toBeGreaterThanOrEqual(4.5);
  });
});

describe("small things", () => {
  test("axes end at round numbers whose half is round", () => {
    expect([0, 1, 7, 11, 104, 573, 776, 1_001].map((value) => niceCeil(value))).toEqual([
      1, 1, 8, 12, 120, 600, 800, 1_200,
    ]);
    expect(niceCeil(3, 100)).toBe(100);
  });

  test("ids cannot bring markup into a tooltip", () => {
    expect(escapeHtml(`<img src=x onerror="alert(1)">&'`)).not.toMatch(/[<>"']/);
    expect(tipHtml("<b>", [{ name: "<i>", value: "<u>" }])).not.toMatch(/<[biu]>/);
  });
});
