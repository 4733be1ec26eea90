/** Panels about levels: how players move between them, how attempts end, where players get stuck. */
import { flowShapes } from "../charts/flow.ts";
import { cohortShapes } from "../charts/cohort-grid.ts";
import { partsBarsOption, rowsThatFit } from "../charts/parts-bars.ts";
import { markClass } from "../charts/option.ts";
import { slotColour } from "../charts/theme.ts";
import { formatAge, formatClock, formatCount, formatSession, plural } from "../format.ts";
import { cohortsOf } from "../model/cohorts.ts";
import { movementOf } from "../model/movement.ts";
import {
  retentionOf,
  stuckWords,
  type LevelOutcomes,
  type StuckPoint,
} from "../model/retention.ts";
import { remembered } from "../model/windows.ts";
import { diagramPanel } from "./diagram-panel.ts";
import { basisOf, framePanel, spanWords, type FramePanel } from "./frame-panel.ts";
import { frameList } from "./lists.ts";

/** Movement between levels over the span. */
export function flowPanel(): FramePanel {
  const movement = remembered(movementOf);
  const options = {
    id: "flow",
    title: "Movement between levels",
    empty: "Nobody has gone from one level to another in this span.",
    table: {
      testId: "player-movement",
      caption: "Movement between levels, busiest first",
      columns: ["From", "To", ">Players"],
    },
    hrefOf: (level: string, frame: Parameters<FramePanel["draw"]>[0]) =>
      frame.pageOf("level", level),
  };
  return diagramPanel(
    options,
    (frame) => movement(frame.courses["player-movement"]),
    (moves, frame) => {
      const first = moves.flows[0];
      const called = frame.called.level;
      return {
        isEmpty: moves.flows.length === 0,
        summary:
          first === undefined
            ? "Nobody moves."
            : `${plural(moves.players, "move")} in ${spanWords(frame)}; most often ${called(first.from)} → ${called(first.to)}, ${formatCount(first.players)}.`,
        shapes: (room) => flowShapes(moves, { ...room, colours: frame.colours.levels, called }),
        rows: () =>
          moves.flows.map(({ from, to, players }) => ({
            key: `${from}\n${to}`,
            href: frame.pageOf("level", from),
            cells: [called(from), called(to), formatCount(players)],
            ids: [from, to],
            data: { "data-from": from, "data-to": to, "data-players": players },
          })),
      };
    },
  );
}

const OUTCOMES = [
  { name: "completed", slot: 2 },
  { name: "failed", slot: 1 },
  { name: "quit", slot: 6 },
  { name: "going on", slot: undefined },
] as const;

const outcomeCounts = (level: LevelOutcomes): number[] => [
  level.completed,
  level.failed,
  level.quit,
  level.goingOn,
];

/** Of the attempts that ended, how many were completed: some began before the minute did. */
function doneWords({ completed, failed, quit }: LevelOutcomes): string {
  const ended = completed + failed + quit;
  return ended === 0 ? "" : `${Math.round((completed / ended) * 100)} % done`;
}

/** How attempts ended in the last minute, by level. */
export function retentionPanel(): FramePanel {
  const retention = remembered(retentionOf);
  const options = {
    id: "retention",
    title: "Attempts and retention by level",
    empty: "Nobody has started a level in this span.",
    table: {
      testId: "level-retention",
      caption: "Attempts of the last minute by level",
      columns: ["Level", ">Started", ">Completed", ">Failed", ">Quit", ">Came back", ">Attempt"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const { levels, asOfMs } = retention(frame.courses["level-retention"]);
    const { theme } = frame;
    const called = frame.called.level;
    const { width, height } = panel.plotSize();
    const started = levels.reduce((sum, level) => sum + level.started, 0);
    const completed = levels.reduce((sum, level) => sum + level.completed, 0);
    const back = levels.reduce((sum, level) => sum + level.cameBack, 0);
    const parts = OUTCOMES.map(({ name, slot }) => ({
      name,
      colour: slotColour(theme, slot),
      mark: markClass(slot),
    }));
    panel.update({
      basis: basisOf(frame, levels, width, height),
      still: true,
      isEmpty: levels.length === 0,
      summary: `${plural(started, "attempt")} in the minute to ${formatClock(asOfMs)}: ${formatCount(completed)} completed, ${formatCount(back)} came back after leaving.`,
      legend: OUTCOMES,
      option: () =>
        partsBarsOption(
          {
            parts,
            width,
            height,
            nameLetters: 18,
            format: formatCount,
            rows: levels.slice(0, rowsThatFit(height)).map((level) => ({
              name: called(level.level),
              values: outcomeCounts(level),
              words: doneWords(level),
            })),
          },
          theme,
        ),
      rows: () =>
        levels.map((level) => ({
          key: level.level,
          href: frame.pageOf("level", level.level),
          cells: [
            called(level.level),
            formatCount(level.started),
            formatCount(level.completed),
            formatCount(level.failed),
            formatCount(level.quit),
            formatCount(level.cameBack),
            formatSession(level.attemptSeconds),
          ],
          ids: [level.level],
          data: {
            "data-level": level.level,
            "data-started": level.started,
            "data-completed": level.completed,
            "data-failed": level.failed,
            "data-quit": level.quit,
            "data-came-back": level.cameBack,
          },
        })),
    });
  });
}

/** Where players get stuck, named and explained. */
export function stuckPanel(): FramePanel {
  const retention = remembered(retentionOf);
  const options = {
    id: "stuck",
    title: "Stuck points",
    empty: "No level stands out: failures, quits and time are as elsewhere.",
    table: {
      testId: "stuck-points",
      caption: "Where players get stuck, those of now first",
      columns: ["Level", "Map", "Why", ">For"],
    },
  };
  return frameList(
    options,
    (frame) => retention(frame.courses["level-retention"]),
    ({ stuck }, { called, pageOf }) => {
      const open = stuck.filter((point) => point.open).length;
      return {
        summary:
          stuck.length === 0
            ? "None."
            : `${open === 0 ? "None" : formatCount(open)} now, ${formatCount(stuck.length)} in this span.`,
        rows: stuck.map((point) => ({
          key: `${point.level}\n${point.map}`,
          href: pageOf("level", point.level),
          cells: [
            called.level(point.level),
            called.map(point.map),
            stuckWords(point),
            stuckFor(point),
          ],
          ids: [point.level, point.map],
          data: {
            "data-level": point.level,
            "data-map": point.map,
            "data-by": point.by,
            "data-measure": point.measure,
            "data-current": String(point.open),
          },
        })),
      };
    },
  );
}

function stuckFor({ open, sinceMs, lastMs }: StuckPoint): string {
  if (!open) return `until ${formatClock(lastMs)}`;
  return lastMs === sinceMs ? "just now" : formatAge(lastMs - sinceMs);
}

/** Who came back, by the day of the first visit. */
export function cohortsPanel(): FramePanel {
  const cohorts = remembered(cohortsOf);
  const options = {
    id: "cohorts",
    title: "Day cohorts",
    empty: "Cohorts show here a minute after the first players.",
    table: {
      testId: "day-cohorts",
      caption: "Share of players who came back, by day of the first visit",
      columns: ["First seen", ">Day", ">Players", ">Back"],
    },
  };
  return diagramPanel(
    options,
    (frame) => cohorts(frame.courses["day-cohorts"]),
    (days) => ({
      isEmpty: days.length === 0,
      summary: `${plural(days.length, "day")} of first visits, in UTC${days.length === 1 ? "; every day adds a row and a column" : ""}.`,
      shapes: (room) => cohortShapes(days, room),
      rows: () =>
        days.toReversed().flatMap(({ day, size, returned }) =>
          returned.flatMap((count, number) =>
            count === undefined
              ? []
              : [
                  {
                    key: `${day}/${number}`,
                    cells: [day, String(number), formatCount(size), formatCount(count)],
                    data: { "data-day": day, "data-number": number, "data-returned": count },
                  },
                ],
          ),
        ),
    }),
  );
}
