/**
 * Pictures that are no plots: boxes, bands, lines and dots at places that the caller has worked out.
 * One custom series draws them all, so that flows and graphs cost the page no further chart kinds.
 */
import type { CustomSeriesRenderItemReturn } from "echarts";
import { tooltip, type ChartOption } from "./option.ts";
import { FONT_FAMILY, type ChartTheme } from "./theme.ts";

/** A piece of text, at its left middle unless said otherwise. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: string;
  readonly align?: "left" | "center" | "right";
  readonly sizePx?: number;
  readonly bold?: boolean;
  /** Longer text is cut with an ellipsis. */
  readonly widthPx?: number;
  /** Stands out from lines behind it. */
  readonly halo?: boolean;
}

interface Common {
  /** What a click names; nothing happens without. */
  readonly pick?: string;
  /** HTML of the tooltip; none without. */
  readonly tip?: string;
  readonly labels?: readonly Label[];
  readonly opacity?: number;
}

export interface Box extends Common {
  readonly kind: "box";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
  readonly stroke?: string;
  readonly radiusPx?: number;
}

/** From one upright edge to another, as wide as it weighs. */
export interface Band extends Common {
  readonly kind: "band";
  readonly x1: number;
  readonly top1: number;
  readonly x2: number;
  readonly top2: number;
  readonly height: number;
  readonly fill: string;
}

export interface Wire extends Common {
  readonly kind: "wire";
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly widthPx: number;
  readonly stroke: string;
  /** Leaves and arrives level, as lines between columns do. */
  readonly curved?: boolean;
}

export interface Dot extends Common {
  readonly kind: "dot";
  readonly x: number;
  readonly y: number;
  readonly radiusPx: number;
  readonly fill: string;
  readonly stroke?: string;
}

export type Shape = Box | Band | Wire | Dot;

/** Shapes → option; later shapes lie over earlier ones. */
export function diagramOption(shapes: readonly Shape[], theme: ChartTheme): ChartOption {
  return {
    animation: false,
    tooltip: {
      ...tooltip((params: { dataIndex: number }) => shapes[params.dataIndex]?.tip ?? ""),
      trigger: "item",
    },
    series: [
      {
        id: "diagram",
        type: "custom",
        coordinateSystem: "none",
        data: shapes.map((shape, i) => ({ name: shape.pick ?? "", value: i })),
        renderItem: (params) => {
          const shape = shapes[params.dataIndex];
          return shape === undefined ? null : drawn(shape, theme);
        },
      },
    ],
  };
}

function drawn(shape: Shape, theme: ChartTheme): CustomSeriesRenderItemReturn {
  const texts = (shape.labels ?? []).map((label) => textOf(label, theme));
  const silent = shape.tip === undefined && shape.pick === undefined;
  const body = {
    ...outline(shape),
    silent,
    cursor: shape.pick === undefined ? "default" : "pointer",
    style: { ...paint(shape), opacity: shape.opacity ?? 1 },
    ...(silent ? {} : { emphasis: { style: highlight(shape, theme) } }),
  };
  return { type: "group", children: [body, ...texts] } as CustomSeriesRenderItemReturn;
}

function outline(shape: Shape): object {
  switch (shape.kind) {
    case "box": {
      const { x, y, width, height, radiusPx = 4 } = shape;
      return { type: "rect", shape: { x, y, width, height, r: radiusPx } };
    }
    case "band": {
      const { x1, top1, x2, top2, height } = shape;
      const middle = (x1 + x2) / 2;
      return {
        type: "path",
        shape: {
          pathData:
            `M${x1} ${top1}C${middle} ${top1} ${middle} ${top2} ${x2} ${top2}` +
            `L${x2} ${top2 + height}C${middle} ${top2 + height} ${middle} ${top1 + height} ${x1} ${top1 + height}Z`,
        },
      };
    }
    case "wire": {
      const { x1, y1, x2, y2, curved = false } = shape;
      if (!curved) return { type: "line", shape: { x1, y1, x2, y2 } };
      const middle = (x1 + x2) / 2;
      return {
        type: "bezierCurve",
        shape: { x1, y1, x2, y2, cpx1: middle, cpy1: y1, cpx2: middle, cpy2: y2 },
      };
    }
    case "dot":
      return { type: "circle", shape: { cx: shape.x, cy: shape.y, r: shape.radiusPx } };
  }
}

function paint(shape: Shape): object {
  if (shape.kind === "wire")
    return { stroke: shape.stroke, lineWidth: shape.widthPx, fill: "none" };
  if (shape.kind === "band" || shape.stroke === undefined) return { fill: shape.fill };
  return { fill: shape.fill, stroke: shape.stroke, lineWidth: 1.5 };
}

function highlight(shape: Shape, theme: ChartTheme): object {
  if (shape.kind === "band") return { opacity: 0.9 };
  return { stroke: theme.text, lineWidth: shape.kind === "wire" ? shape.widthPx + 1 : 1.5 };
}

/** Wide enough to cut a line that passes behind a name. */
const HALO_PX = 6;

function textOf(label: Label, theme: ChartTheme): object {
  const { x, y, text, colour, align = "left", sizePx = theme.fontPx, bold = false } = label;
  return {
    type: "text",
    x,
    y,
    silent: true,
    style: {
      text,
      fill: colour,
      align,
      verticalAlign: "middle",
      ...(label.halo === true ? { stroke: theme.background, lineWidth: HALO_PX } : {}),
      font: `${bold ? 600 : 400} ${sizePx}px ${FONT_FAMILY}`,
      ...(label.widthPx === undefined
        ? {}
        : { width: label.widthPx, overflow: "truncate", ellipsis: "…" }),
    },
  };
}
