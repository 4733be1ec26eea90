/** Movement between levels as a flow: where players left on the left, where they came to on the right. */
import { formatCount, plural } from "../format.ts";
import type { ColourBook } from "../model/colours.ts";
import type { Caller } from "../model/names.ts";
import type { Flow, Movement } from "../model/movement.ts";
import { sumOf } from "../model/windows.ts";
import type { Shape } from "./diagram.ts";
import { markClass, tipHtml } from "./option.ts";
import { slotColour, type ChartTheme } from "./theme.ts";

export interface FlowOptions {
  readonly width: number;
  readonly height: number;
  readonly colours: ColourBook;
  readonly called: Caller;
  readonly theme: ChartTheme;
}

/** Bands thinner than a hair tell nothing: the smallest flows are left out beyond this many. */
const FLOWS_MAX = 60;
const BAR_PX = 10;
const GAP_PX = 4;
/** Room for a name, in sizes of the text, and as a share of the width where that is small. */
const NAME_EM = 9.5;
const NAME_SHARE_MAX = 0.33;
/** A level with hardly anyone is still to be seen. */
const LEAST_PX = 3;

interface Side {
  readonly top: number;
  readonly height: number;
  /** Where the next band starts. */
  next: number;
  readonly players: number;
}

/** Data → shapes. */
export function flowShapes(movement: Movement, options: FlowOptions): Shape[] {
  const { width, height, theme, colours, called } = options;
  const flows = movement.flows.slice(0, FLOWS_MAX);
  const nameX = Math.min(NAME_EM * theme.fontPx, NAME_SHARE_MAX * width);
  const left = sideOf(movement.levels, flows, "from", height);
  const right = sideOf(movement.levels, flows, "to", height);
  const order = new Map(movement.levels.map((level, i) => [level, i]));
  const inOrder = flows.toSorted(
    (a, b) =>
      (order.get(a.from) ?? 0) - (order.get(b.from) ?? 0) ||
      (order.get(a.to) ?? 0) - (order.get(b.to) ?? 0),
  );
  const bands = inOrder.flatMap((flow): Shape[] => {
    const from = left.get(flow.from);
    const to = right.get(flow.to);
    if (from === undefined || to === undefined) return [];
    const thick = Math.min(
      (from.height * flow.players) / from.players,
      (to.height * flow.players) / to.players,
    );
    const band: Shape = {
      kind: "band",
      x1: nameX + BAR_PX,
      top1: from.next,
      x2: width - nameX - BAR_PX,
      top2: to.next,
      height: Math.max(0.5, thick),
      fill: slotColour(theme, colours.get(flow.from), "steps"),
      opacity: 0.45,
      tip: tipHtml(`${called(flow.from)} → ${called(flow.to)}`, [
        { name: "players", value: formatCount(flow.players) },
      ]),
    };
    from.next += (from.height * flow.players) / from.players;
    to.next += (to.height * flow.players) / to.players;
    return [band];
  });
  return [
    ...bands,
    ...barsOf(left, { ...options, x: nameX, nameX: nameX - 6, align: "right", words: "left" }),
    ...barsOf(right, {
      ...options,
      x: width - nameX - BAR_PX,
      nameX: width - nameX + 6,
      align: "left",
      words: "came to",
    }),
  ];
}

function sideOf(
  levels: readonly string[],
  flows: readonly Flow[],
  end: "from" | "to",
  height: number,
): Map<string, Side> {
  const shown = levels
    .map((level) => ({
      level,
      players: sumOf(flows, (flow) => (flow[end] === level ? flow.players : 0)),
    }))
    .filter(({ players }) => players > 0);
  const all = sumOf(shown, ({ players }) => players);
  const room = Math.max(0, height - GAP_PX * (shown.length - 1) - LEAST_PX * shown.length);
  const sides = new Map<string, Side>();
  let top = 0;
  for (const { level, players } of shown) {
    const tall = LEAST_PX + (all === 0 ? 0 : (room * players) / all);
    sides.set(level, { top, height: tall, next: top, players });
    top += tall + GAP_PX;
  }
  return sides;
}

function barsOf(
  sides: ReadonlyMap<string, Side>,
  options: FlowOptions & { x: number; nameX: number; align: "left" | "right"; words: string },
): Shape[] {
  const { theme, colours, called, x, nameX, align, words } = options;
  const widthPx = align === "right" ? nameX : options.width - nameX;
  let lastNameY = Number.NEGATIVE_INFINITY;
  return [...sides].map(([level, { top, height, players }]): Shape => {
    // The last ones are flat and at the bottom: their names would be cut off.
    const y = Math.min(top + height / 2, options.height - theme.fontPx / 2);
    // Names of neighbours that are too flat would lie on each other.
    const roomy = y - lastNameY >= 1.2 * theme.fontPx;
    if (roomy) lastNameY = y;
    return {
      kind: "box",
      x,
      y: top,
      width: BAR_PX,
      height,
      radiusPx: 2,
      fill: slotColour(theme, colours.get(level), "steps"),
      pick: level,
      tip: tipHtml(called(level), [
        {
          mark: markClass(colours.get(level), "steps"),
          name: words,
          value: plural(players, "player"),
        },
      ]),
      labels: roomy
        ? [{ x: nameX, y, text: called(level), colour: theme.textQuiet, align, widthPx }]
        : [],
    };
  });
}
