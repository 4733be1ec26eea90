/** Panels about all servers together: latency in percentiles, lost connections, and what went wrong. */
import { COUNTS, linesOption } from "../charts/lines.ts";
import {
  formatAge,
  formatClock,
  formatCompact,
  formatCount,
  formatTenth,
  plural,
  withoutTenths,
} from "../format.ts";
import { connectedPlayers, fleetLatency, lossesOf, lostConnections } from "../model/fleet.ts";
import { outagesOf } from "../model/outages.ts";
import { THRESHOLDS } from "../model/servers.ts";
import { remembered } from "../model/windows.ts";
import {
  basisOf,
  courseRows,
  extentWords,
  framePanel,
  spanWords,
  type FramePanel,
} from "./frame-panel.ts";
import { frameList } from "./lists.ts";

const milliseconds = (value: number): string => `${formatTenth(value)} ms`;

/** Median, 95th percentile and maximum of latency: of the fleet, or of one server. */
export function percentilesPanel(): FramePanel {
  const latency = remembered(fleetLatency);
  const options = {
    id: "percentiles",
    title: "Latency percentiles",
    empty: "No server has reported in this span.",
    table: {
      testId: "latency-percentiles",
      caption: "95th percentile of latency of the worst server",
      columns: ["Window end", ">p95"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const { median, p95, highest } = latency(frame.courses["server-health"]);
    const { span, theme, servers } = frame;
    const one = servers.servers.length === 1;
    const lines = [
      { name: "highest", slot: 6, points: highest, wide: true },
      { name: one ? "p95" : "p95 of the worst server", slot: 1, points: p95 },
      { name: one ? "mean" : "median of the servers' means", slot: 0, points: median },
    ];
    const now = p95.at(-1)?.[1];
    panel.update({
      basis: basisOf(frame, p95),
      isEmpty: p95.length === 0,
      summary:
        now === undefined || now === null
          ? "No server has reported."
          : `95 % of the requests ${one ? "" : "to every server "}are answered within ${milliseconds(now)}.`,
      legend: lines,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          threshold: { value: THRESHOLDS.latencyMsMax, name: "threshold" },
          format: (value) => `${formatCompact(value)} ms`,
          formatFull: milliseconds,
        }),
      rows: () => courseRows(p95, { name: "latency", format: milliseconds }),
    });
  });
}

/** Players connected, and connections lost. */
export function connectionsPanel(): FramePanel {
  const connected = remembered(connectedPlayers);
  const lost = remembered(lostConnections);
  const options = {
    id: "load",
    title: "Players connected",
    empty: "No server has reported in this span.",
    table: {
      testId: "players-connected",
      caption: "Players connected to all servers",
      columns: ["Window end", ">Players"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const points = connected(frame.courses["server-health"]);
    const losses = lost(frame.courses["server-health"]);
    const { span, theme } = frame;
    const all = losses.reduce((sum, [, value]) => sum + (value ?? 0), 0);
    const lines = [{ name: "players", slot: 0, points }];
    panel.update({
      basis: basisOf(frame, points, losses),
      isEmpty: points.length === 0,
      summary: `${plural(points.at(-1)?.[1] ?? 0, "player")} now${extentWords(points, formatCount)}; ${formatCount(all)} lost.`,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          ...COUNTS,
        }),
      rows: () => courseRows(points, { name: "players", format: formatCount }),
    });
  });
}

/** Sessions that broke off over time. */
export function disconnectsPanel(): FramePanel {
  const losses = remembered(lossesOf);
  const options = {
    id: "disconnects",
    title: "Disconnections",
    empty: "No session has ended in this span.",
    table: {
      testId: "disconnects-over-time",
      caption: "Sessions that broke off",
      columns: ["Window end", ">Disconnections"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const all = losses(frame.courses.disconnects);
    const { span, theme } = frame;
    const lines = [{ name: "disconnections", slot: 6, points: all.course }];
    const rate = all.sessionsEnded === 0 ? 0 : (all.disconnects / all.sessionsEnded) * 100;
    panel.update({
      basis: basisOf(frame, all),
      isEmpty: all.course.length === 0,
      summary: `${plural(all.disconnects, "session")} broke off, ${formatTenth(rate)} % of those that ended in ${spanWords(frame)}.`,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          ...COUNTS,
        }),
      rows: () => courseRows(all.course, { name: "disconnects", format: formatCount }),
    });
  });
}

/** Sessions that broke off, by server, with the main reason. */
export function lossesPanel(): FramePanel {
  const losses = remembered(lossesOf);
  const options = {
    id: "losses",
    title: "Disconnections by server",
    table: {
      testId: "disconnects-by-server",
      caption: "Sessions that broke off, by server",
      columns: ["Server", ">Broke off", "~>Of sessions ended", ">Share", "Main reason"],
    },
    empty: "No session has ended in this span.",
  };
  return frameList(
    options,
    (frame) => losses(frame.courses.disconnects),
    ({ servers, disconnects }, { pageOf }) => ({
      summary:
        disconnects === 0
          ? "No session broke off."
          : `${plural(disconnects, "session")} broke off.`,
      rows: servers.map((server) => ({
        key: server.server,
        href: pageOf("server", server.server),
        cells: [
          server.server || "(none named)",
          formatCount(server.disconnects),
          formatCount(server.sessionsEnded),
          `${formatTenth(server.rate * 100)} %`,
          server.reason.replaceAll("_", " ") || "–",
        ],
        ids: [undefined, undefined, undefined, undefined, server.reason || undefined],
        data: { "data-server": server.server, "data-disconnects": server.disconnects },
      })),
    }),
  );
}

/** Who was not well, from when to when, and why. */
export function outagesPanel(): FramePanel {
  const outages = remembered(outagesOf);
  const options = {
    id: "outages",
    title: "Down and degraded",
    table: {
      testId: "outages",
      caption: "Servers that were down or degraded, those of now first",
      columns: ["Server", "State", "Why", ">Since", ">For"],
    },
    empty: "Every server has been well throughout this span.",
  };
  return frameList(
    options,
    (frame) => outages(frame.courses["server-health"]),
    (all, frame) => {
      const open = all.filter((outage) => outage.open).length;
      return {
        summary: `${open === 0 ? "None" : formatCount(open)} now, ${formatCount(all.length)} in ${spanWords(frame)}.`,
        rows: all.map((outage) => ({
          key: `${outage.server} ${outage.state} ${outage.fromMs}`,
          href: frame.pageOf("server", outage.server),
          cells: [
            outage.server,
            outage.state,
            withoutTenths(outage.reason),
            formatClock(outage.fromMs),
            outage.open
              ? `${formatAge(outage.toMs - outage.fromMs)}, still`
              : formatAge(outage.toMs - outage.fromMs),
          ],
          data: {
            "data-server": outage.server,
            "data-state": outage.state,
            "data-reason": outage.reason,
            "data-start": outage.fromMs,
            "data-end": outage.toMs,
            "data-current": String(outage.open),
          },
        })),
      };
    },
  );
}
