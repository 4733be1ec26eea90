/** Dataflows as boxes and wires: a column per step, a wire as strong as what flows through it. */
import { formatAge, formatCompact, formatCount, formatRate, formatTenth } from "../format.ts";
import type { Dataflows, FlowNode } from "../model/dataflows.ts";
import { byName } from "../model/names.ts";
import type { Shape } from "./diagram.ts";
import { tipHtml, type TipRow } from "./option.ts";
import { slotColour, type ChartTheme } from "./theme.ts";

export interface DataflowOptions {
  readonly width: number;
  readonly height: number;
  readonly theme: ChartTheme;
}

const BOX_PX = { widthMax: 230, heightMax: 44, gap: 6 } as const;
/** Boxes and the wires to the next column share the width. */
const BOX_SHARE = 0.78;
/** Mean width of a letter, in sizes of the text. */
const LETTER_EM = 0.6;
/** Lower boxes have room for one line of words only. */
const TWO_LINES_PX = 30;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Data → shapes. */
export function dataflowShapes(graph: Dataflows, options: DataflowOptions): Shape[] {
  const places = placesOf(graph, options);
  const { theme } = options;
  const busiest = Math.max(1, ...graph.edges.map((edge) => edge.rate));
  const wires = graph.edges.flatMap((edge): Shape[] => {
    const [from, to] = [places.get(edge.from), places.get(edge.to)];
    if (from === undefined || to === undefined) return [];
    return [
      {
        kind: "wire",
        x1: from.x + from.width,
        y1: from.y + from.height / 2,
        x2: to.x,
        y2: to.y + to.height / 2,
        curved: true,
        widthPx: 1 + 4 * Math.sqrt(edge.rate / busiest),
        stroke: edge.rate > 0 ? theme.accent : theme.rest,
        opacity: 0.5,
        tip: tipHtml(`${shortId(edge.from)} → ${shortId(edge.to)}`, [
          { name: "a second", value: formatTenth(edge.rate) },
          { name: "since the start", value: formatCount(edge.records) },
        ]),
      },
    ];
  });
  const flows = graph.flows.map((flow) => flow.dataflow);
  return [
    ...wires,
    ...graph.nodes.flatMap((node): Shape[] => {
      const place = places.get(node.id);
      return place === undefined ? [] : [nodeBox(node, place, { theme, flows })];
    }),
  ];
}

function shortId(id: string): string {
  return id.replace(/^.*(topic|service):/, "");
}

/** Columns by layer; in a column, nodes stand near those they come from. */
function placesOf(graph: Dataflows, { width, height }: DataflowOptions): Map<string, Place> {
  const places = new Map<string, Place>();
  const columnWidth = width / Math.max(1, graph.layers);
  const boxWidth = Math.min(BOX_PX.widthMax, columnWidth * BOX_SHARE);
  const centre = new Map<string, number>();
  for (let layer = 0; layer < graph.layers; layer += 1) {
    const column = graph.nodes
      .filter((node) => node.layer === layer)
      .map((node) => ({ node, wish: wishOf(node, graph, centre) }))
      .toSorted((a, b) => a.wish - b.wish || byName(a.node.name, b.node.name));
    const step = Math.min(BOX_PX.heightMax + 22, height / Math.max(1, column.length));
    const boxHeight = Math.max(12, Math.min(BOX_PX.heightMax, step - BOX_PX.gap));
    const top = (height - step * column.length) / 2;
    // The first column stands at the left edge, the last at the right one.
    const share = graph.layers === 1 ? 0 : layer / (graph.layers - 1);
    column.forEach(({ node }, i) => {
      const y = top + i * step + (step - boxHeight) / 2;
      places.set(node.id, {
        x: 1 + share * (width - boxWidth - 2),
        y,
        width: boxWidth,
        height: boxHeight,
      });
      centre.set(node.id, y + boxHeight / 2);
    });
  }
  return places;
}

function wishOf(node: FlowNode, graph: Dataflows, centre: ReadonlyMap<string, number>): number {
  const from = graph.edges.flatMap((edge) => {
    const y = edge.to === node.id ? centre.get(edge.from) : undefined;
    return y === undefined ? [] : [y];
  });
  return from.length === 0 ? 0 : from.reduce((sum, y) => sum + y, 0) / from.length;
}

function nodeBox(
  node: FlowNode,
  place: Place,
  { theme, flows }: { theme: ChartTheme; flows: readonly string[] },
): Shape {
  const isTopic = node.kind === "topic";
  const faulty = node.failed > 0;
  const slot = isTopic ? undefined : flows.indexOf(node.dataflow);
  const twoLines = place.height >= TWO_LINES_PX;
  const middle = place.y + place.height / 2;
  const rate = `${formatRate(node.rate)}/s`;
  const words = [
    rate,
    ...(faulty ? [`${formatCompact(node.failed)} failed`] : []),
    ...lagWords(node),
  ];
  const inner = place.width - 16;
  const ratePx = Math.min(0.4 * inner, (rate.length + 1) * LETTER_EM * theme.fontPx);
  return {
    kind: "box",
    ...place,
    radiusPx: isTopic ? 12 : 5,
    fill: isTopic ? theme.background : (theme.ramp[0] ?? theme.background),
    stroke: faulty ? theme.hot : slotColour(theme, slot),
    tip: tipHtml(isTopic ? `topic ${node.name}` : `${node.dataflow} · ${node.name}`, tipRows(node)),
    labels: [
      {
        x: place.x + 8,
        y: twoLines ? middle - theme.fontPx * 0.65 : middle,
        text: node.name,
        colour: theme.text,
        bold: !isTopic,
        widthPx: twoLines ? inner : inner - ratePx,
      },
      {
        x: twoLines ? place.x + 8 : place.x + place.width - 8,
        y: twoLines ? middle + theme.fontPx * 0.75 : middle,
        text: twoLines ? words.join(" · ") : rate,
        colour: faulty ? theme.hot : theme.textQuiet,
        align: twoLines ? "left" : "right",
        widthPx: twoLines ? inner : ratePx,
      },
    ],
  };
}

/** A watermark this far behind is worth a word. */
const LAG_SHOWN_MS = 10_000;

function lagWords({ lagMs }: FlowNode): string[] {
  return lagMs === undefined || lagMs < LAG_SHOWN_MS ? [] : [`${formatAge(lagMs)} behind`];
}

function tipRows(node: FlowNode): TipRow[] {
  const rows: TipRow[] = [{ name: "records a second", value: formatTenth(node.rate) }];
  if (node.kind === "topic") return rows;
  if (node.windowing !== "") rows.push({ name: "windows", value: node.windowing });
  if (node.lagMs !== undefined)
    rows.push({ name: "watermark behind", value: formatAge(node.lagMs) });
  rows.push({ name: "late", value: formatCount(node.late) });
  rows.push({ name: "failed", value: formatCount(node.failed) });
  if (node.states.length > 0) {
    rows.push({
      name: `state: ${node.states.join(", ")}`,
      value: `${formatCount(node.rows)} rows`,
    });
  }
  for (const operator of node.operators) {
    rows.push({
      name: `${operator.kind} ${operator.name}`,
      value: `${formatTenth(operator.rate)}/s${operator.failed > 0 ? `, ${formatCount(operator.failed)} failed` : ""}`,
    });
  }
  return rows;
}
