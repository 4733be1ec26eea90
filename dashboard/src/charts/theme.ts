/**
 * The colours of charts, dark and light. The hues follow Okabe and Ito's set, which stays apart
 * under colour blindness, shifted in lightness to reach 3:1 against either background.
 */
import { COLOUR_STEPS } from "../model/colours.ts";

export interface ChartTheme {
  readonly dark: boolean;
  /** Size of axis text; larger on a wall. */
  readonly fontPx: number;
  readonly background: string;
  readonly text: string;
  readonly textQuiet: string;
  readonly grid: string;
  readonly accent: string;
  readonly hot: string;
  /** For what has no colour of its own. */
  readonly rest: string;
  /** Hue per colour slot, for things without an order. */
  readonly slots: readonly string[];
  /** From the first to the last of things in an order, such as levels. */
  readonly steps: readonly string[];
  /** From nobody to the most, for heat maps. */
  readonly ramp: readonly string[];
}

const FONT = `"Inter Variable", system-ui, sans-serif`;
export const FONT_FAMILY = FONT;

export const DARK: ChartTheme = {
  dark: true,
  fontPx: 11,
  background: "#12181f",
  text: "#e6ebf0",
  textQuiet: "#93a1b0",
  grid: "#222b35",
  accent: "#5cb3e8",
  hot: "#f0825a",
  rest: "#5d6b7a",
  slots: ["#5cb3e8", "#e6a23c", "#3dba8c", "#d88fbf", "#e5d86a", "#7f95f5", "#ef7f57", "#b9a3ee"],
  steps: ["#5b78dc", "#4f97e0", "#4fb4dc", "#52c7c0", "#70d3a0", "#a2da84", "#d0de78", "#efdf8c"],
  ramp: ["#1a232d", "#1d3a52", "#24587d", "#3180b0", "#57aedf", "#a5dcf7"],
};

export const LIGHT: ChartTheme = {
  dark: false,
  fontPx: 11,
  background: "#ffffff",
  text: "#17202a",
  textQuiet: "#566474",
  grid: "#e6eaee",
  accent: "#1b74b3",
  hot: "#c2430f",
  rest: "#8794a1",
  slots: ["#3a8bc9", "#c97f17", "#2b9a74", "#c065a0", "#9c8b1f", "#6676d8", "#d4603a", "#8d6fd0"],
  steps: ["#31449f", "#2a62b8", "#2382bd", "#1593a5", "#1f9680", "#4f9650", "#7f9425", "#a58a00"],
  ramp: ["#eff3f6", "#d3e5f1", "#a6cde6", "#62a5d0", "#2a77ad", "#0c4a78"],
};

/** Which of a theme's palettes: `slots` for kinds, `steps` for an order. */
export type Palette = "slots" | "steps";

/** The colour of a slot, or the one for things without a slot. */
export function slotColour(
  theme: ChartTheme,
  slot: number | undefined,
  palette: Palette = "slots",
): string {
  if (slot === undefined) return theme.rest;
  if (palette === "steps") return rampColour(theme.steps, slot / (COLOUR_STEPS - 1));
  return theme.slots[slot] ?? theme.rest;
}

/** Where `share` (0…1) lies on a ramp of colours. */
export function rampColour(ramp: readonly string[], share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const below = Math.floor(place);
  const from = rgbOf(ramp[below] ?? "#000000");
  const to = rgbOf(ramp[Math.min(below + 1, ramp.length - 1)] ?? "#000000");
  const mixed = from.map((part, i) =>
    Math.round(part + ((to[i] ?? part) - part) * (place - below)),
  );
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function rgbOf(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** WCAG 2 contrast ratio of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = rgbOf(hex).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white text, whichever reads better on a colour. */
export function textOn(background: string): string {
  const dark = "#000000";
  const light = "#ffffff";
  return contrast(background, dark) >= contrast(background, light) ? dark : light;
}
