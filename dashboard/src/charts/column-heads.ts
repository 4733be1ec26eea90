/** How names stand above narrow columns: in two lines, else upright, else cut short. */
import { FONT_FAMILY, type ChartTheme } from "./theme.ts";

export interface ColumnHeads {
  /** Height of the names with their distance from the columns. */
  readonly px: number;
  /** The part of an ECharts axis label that this decides. */
  readonly label: object;
  /** Breaks a name into the lines it stands in. */
  readonly linesOf: (name: string) => string;
}

/** Mean width of a letter of an axis, in sizes of the text. */
export const LETTER_EM = 0.57;
/** Height of a line, likewise. */
const LINE_EM = 1.2;
const MARGIN_PX = 6;
/** Upright names may take so much height that a row keeps this, in sizes of the text. */
const ROW_EM_MIN = 1.25;

/**
 * Chooses for all columns alike.
 * @param room.heightPx of the names and all rows below them
 */
export function columnHeads(
  names: readonly string[],
  room: { readonly columnPx: number; readonly heightPx: number; readonly rows: number },
  theme: ChartTheme,
): ColumnHeads {
  // A little smaller than other names: they share the width of the picture.
  const fontPx = theme.fontPx - 1;
  const font = { fontSize: fontPx, fontFamily: FONT_FAMILY, color: theme.textQuiet };
  const widthOf = (text: string): number => text.length * LETTER_EM * fontPx;
  const base = { ...font, margin: MARGIN_PX, lineHeight: Math.round(LINE_EM * fontPx) };
  const lines = names.map((name) => inTwoLines(name).split("\n"));
  const linesPx = Math.max(1, ...lines.map((parts) => parts.length)) * base.lineHeight;
  const widest = Math.max(0, ...lines.flat().map(widthOf));
  const inLines = { px: linesPx + MARGIN_PX + 2, linesOf: inTwoLines };
  const width = Math.floor(room.columnPx - 2);
  if (widest <= width) return { ...inLines, label: base };

  // Read from below, as is usual.
  const longest = Math.max(0, ...names.map(widthOf));
  const px = Math.ceil(longest) + MARGIN_PX + 2;
  if ((room.heightPx - px) / Math.max(1, room.rows) >= ROW_EM_MIN * theme.fontPx) {
    return { px, label: { ...base, rotate: -90 }, linesOf: (name) => name };
  }
  return { ...inLines, label: { ...base, width, overflow: "truncate" } };
}

/** Breaks at the blank that makes the longer line shortest; a word stays whole. */
function inTwoLines(name: string): string {
  const words = name.split(" ");
  let [best, least] = [name, name.length];
  for (let i = 1; i < words.length; i += 1) {
    const lines = [words.slice(0, i).join(" "), words.slice(i).join(" ")];
    const longer = Math.max(...lines.map((line) => line.length));
    if (longer < least) [best, least] = [lines.join("\n"), longer];
  }
  return best;
}
