/** Day cohorts as a grid: a row per day of first visit, a column per day since. */
import { formatCount } from "../format.ts";
import type { Cohort } from "../model/cohorts.ts";
import type { Shape } from "./diagram.ts";
import { tipHtml } from "./option.ts";
import { rampColour, textOn, type ChartTheme } from "./theme.ts";

const CELL_PX_MAX = { width: 72, height: 34 } as const;

/** Data → shapes. */
export function cohortShapes(
  cohorts: readonly Cohort[],
  { width, height, theme }: { width: number; height: number; theme: ChartTheme },
): Shape[] {
  const days = Math.max(1, ...cohorts.map((cohort) => cohort.returned.length));
  const left = 11 * theme.fontPx;
  const above = 2 * theme.fontPx;
  const cellWidth = Math.min(CELL_PX_MAX.width, (width - left) / days);
  const cellHeight = Math.min(CELL_PX_MAX.height, (height - above) / Math.max(1, cohorts.length));
  const heads: Shape[] = Array.from({ length: days }, (_, day) =>
    wordsAt(left + (day + 0.5) * cellWidth, above / 2 - 2, `day ${day}`, theme, "center"),
  );
  const rows = cohorts.flatMap((cohort, row): Shape[] => {
    const y = above + row * cellHeight;
    const name = `${cohort.day} · ${formatCount(cohort.size)}`;
    return [
      wordsAt(left - 8, y + cellHeight / 2, name, theme, "right"),
      ...cohort.returned.flatMap((returned, day): Shape[] => {
        if (returned === undefined) return [];
        const share = cohort.size === 0 ? 0 : returned / cohort.size;
        const fill = rampColour(theme.ramp, share);
        const words = `${Math.round(share * 100)} %`;
        return [
          {
            kind: "box",
            x: left + day * cellWidth + 1,
            y: y + 1,
            width: cellWidth - 2,
            height: cellHeight - 2,
            fill,
            tip: tipHtml(`First seen ${cohort.day}`, [
              { name: "players", value: formatCount(cohort.size) },
              { name: `back on day ${day}`, value: `${formatCount(returned)} (${words})` },
            ]),
            labels: [
              {
                x: left + (day + 0.5) * cellWidth,
                y: y + cellHeight / 2,
                text: words,
                colour: textOn(fill),
                align: "center",
              },
            ],
          },
        ];
      }),
    ];
  });
  return [...heads, ...rows];
}

function wordsAt(
  x: number,
  y: number,
  text: string,
  theme: ChartTheme,
  align: "center" | "right",
): Shape {
  const labels = [{ x, y, text, colour: theme.textQuiet, align }];
  return { kind: "box", x, y, width: 0, height: 0, fill: theme.background, labels };
}
