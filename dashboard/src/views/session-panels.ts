/** Panels about sessions: how long they were, and how many came and went. */
import { COUNTS, SESSION_LENGTHS, linesOption } from "../charts/lines.ts";
import { formatCount, formatSession, plural } from "../format.ts";
import type { Frame } from "../model/frame.ts";
import { sessionsOf } from "../model/sessions.ts";
import { remembered } from "../model/windows.ts";
import { basisOf, courseRows, extentWords, framePanel, type FramePanel } from "./frame-panel.ts";

/** How long the sessions were that ended. */
export function durationsPanel(): FramePanel {
  const sessions = remembered((courses: Frame["courses"]["session-stats"]) => sessionsOf(courses));
  const options = {
    id: "durations",
    title: "Session duration",
    empty: "No session has ended in this span.",
    table: {
      testId: "session-durations",
      caption: "Mean length of the sessions that ended",
      columns: ["Window end", ">Mean session"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const stats = sessions(frame.courses["session-stats"]);
    const { span, theme } = frame;
    const lines = [{ name: "mean session", slot: 0, points: stats.durationCourse }];
    panel.update({
      basis: basisOf(frame, stats),
      isEmpty: stats.meanSeconds === undefined,
      summary:
        stats.meanSeconds === undefined
          ? "No session has ended."
          : `${formatSession(stats.meanSeconds)} over ${plural(stats.ended, "session")} that ended${extentWords(stats.durationCourse, formatSession)}.`,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          ...SESSION_LENGTHS,
        }),
      rows: () => courseRows(stats.durationCourse, { name: "seconds", format: formatSession }),
    });
  });
}

/** Sessions that began, by new and returning players where it is known, and that ended. */
export function arrivalsPanel(): FramePanel {
  let filter: Frame["filter"] = {};
  const sessions = remembered((courses: Frame["courses"]["session-stats"]) =>
    sessionsOf(courses, filter),
  );
  const options = {
    id: "arrivals",
    title: "Sessions begun and ended",
    empty: "No session has begun in this span.",
    table: {
      testId: "session-starts",
      caption: "Sessions begun and ended",
      columns: ["Window end", ">Begun"],
    },
  };
  return framePanel(options, (panel, frame: Frame) => {
    ({ filter } = frame);
    const stats = sessions(frame.courses["session-stats"]);
    const { span, theme } = frame;
    // New and returning players are not told by region or platform.
    const known =
      stats.newPlayers + stats.returningPlayers > 0 &&
      filter.region === undefined &&
      filter.platform === undefined;
    const lines = [
      { name: "new players", slot: 2, points: stats.newCourse },
      { name: "returning", slot: 7, points: stats.returningCourse },
      { name: "begun", slot: 0, points: stats.startedCourse },
      { name: "ended", slot: 3, points: stats.endedCourse },
    ].filter((_, i) => i > 1 || known);
    const who = !known
      ? ""
      : ` (${formatCount(stats.newPlayers)} new, ${formatCount(stats.returningPlayers)} returning)`;
    panel.update({
      basis: basisOf(frame, stats),
      isEmpty: stats.startedCourse.length === 0,
      summary: `${formatCount(stats.started)} begun${who}, ${formatCount(stats.ended)} ended, ${formatCount(stats.disconnected)} broken off.`,
      legend: lines,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          ...COUNTS,
        }),
      rows: () => courseRows(stats.startedCourse, { name: "started", format: formatCount }),
    });
  });
}
