/** The first view: five numbers, then where the players are, what sells, how the servers are. */
import { formatClock, formatCount, formatMoney, plural, withoutTenths } from "../format.ts";
import type { Frame } from "../model/frame.ts";
import { sessionsOf, type Sessions } from "../model/sessions.ts";
import { remembered } from "../model/windows.ts";
import { h } from "../ui/dom.ts";
import { createKeyNumber, type KeyNumber } from "../ui/key-number.ts";
import { flagsPanel, serversPanel } from "./lists.ts";
import { spanWords, type FramePanel } from "./frame-panel.ts";
import { placesPanel, playersPanel } from "./player-panels.ts";
import { itemsPanel, revenuePanel } from "./sales-panels.ts";
import { measurePanel } from "./server-panels.ts";
import { panelView, type View } from "./view.ts";

/** Makes the overview. */
export function createOverview(): View {
  return panelView(
    "overview",
    [
      placesPanel(),
      playersPanel(),
      revenuePanel(),
      itemsPanel(),
      flagsPanel({ links: false }),
      serversPanel({ full: false }),
      measurePanel("latency"),
      measurePanel("cpu_load"),
    ],
    keyNumbers(),
  );
}

/** Where a tile leads. */
const TILE_VIEWS = {
  players: "engagement",
  sessions: "engagement",
  revenue: "economy",
  purchases: "economy",
  flags: "fraud",
  servers: "operations",
} as const;

function keyNumbers(): FramePanel {
  const sessions = remembered((courses: Frame["courses"]["session-stats"]) => sessionsOf(courses));
  const tiles = {
    players: createKeyNumber({ id: "players-now", label: "Players now" }),
    sessions: createKeyNumber({ id: "sessions", label: "Sessions" }),
    revenue: createKeyNumber({ id: "revenue", label: "Revenue" }),
    purchases: createKeyNumber({ id: "purchases", label: "Purchases" }),
    flags: createKeyNumber({ id: "flagged", label: "Flagged accounts" }),
    servers: createKeyNumber({ id: "servers", label: "Servers ok" }),
  };
  return {
    element: h(
      "section",
      { class: "key-numbers", "aria-label": "Key numbers" },
      ...Object.values(tiles).map((tile) => tile.element),
    ),
    draw(frame) {
      drawPlayers(tiles.players, frame);
      drawSessions(tiles.sessions, sessions(frame.courses["session-stats"]), frame);
      drawSales(tiles, frame);
      drawFlags(tiles.flags, frame);
      drawServers(tiles.servers, frame);
      for (const [name, tile] of Object.entries(tiles)) {
        tile.link(frame.hrefOf(TILE_VIEWS[name as keyof typeof TILE_VIEWS]));
      }
    },
    dispose: () => undefined,
  };
}

/** A number older than this is shown with its time. */
const OLD_AFTER_MS = 15_000;

function drawPlayers(tile: KeyNumber, { players, span }: Frame): void {
  const occupied = players.places.filter((place) => place.current).length;
  const old = span.toMs - players.asOfMs > OLD_AFTER_MS && players.asOfMs > 0;
  tile.update({
    value: formatCount(players.now),
    exact: players.now,
    note: old
      ? `at ${formatClock(players.asOfMs)}`
      : `${plural(players.levels.length, "level")}, ${plural(occupied, "place")}`,
    course: players.course,
    span,
  });
}

function drawSessions(tile: KeyNumber, sessions: Sessions, { span }: Frame): void {
  tile.update({
    value: formatCount(sessions.active),
    exact: sessions.active,
    note: `${formatCount(sessions.seen)} in the last minute`,
    course: sessions.activeCourse,
    span,
  });
}

function drawSales(tiles: { revenue: KeyNumber; purchases: KeyNumber }, frame: Frame): void {
  const { sales, span } = frame;
  tiles.revenue.update({
    value: formatMoney(sales.cents),
    exact: sales.cents / 100,
    note: `in ${spanWords(frame)}`,
    course: sales.revenueCourse,
    span,
  });
  tiles.purchases.update({
    value: formatCount(sales.purchases),
    exact: sales.purchases,
    note: `${formatCount((sales.purchases / frame.coveredMs) * 60_000)} a minute`,
    course: sales.purchaseCourse,
    span,
  });
}

function drawFlags(tile: KeyNumber, { flags, span }: Frame): void {
  const newest = flags.accounts[0];
  tile.update({
    value: formatCount(flags.accounts.length),
    exact: flags.accounts.length,
    note: newest === undefined ? "none in this span" : `last at ${formatClock(newest.lastSeenMs)}`,
    tone: newest === undefined ? "plain" : "warn",
    course: flags.course,
    span,
  });
}

function drawServers(tile: KeyNumber, { servers, span }: Frame): void {
  const ill = servers.servers.filter((server) => server.status !== "ok");
  const first = ill[0];
  tile.update({
    value: `${servers.ok}/${servers.servers.length}`,
    exact: servers.ok,
    note:
      first === undefined
        ? servers.servers.length === 0
          ? "none reported"
          : "all ok"
        : `${first.server}: ${withoutTenths(first.reason.split(",")[0] ?? "")}${ill.length > 1 ? ` +${ill.length - 1}` : ""}`,
    tone: first === undefined ? "plain" : "warn",
    course: servers.latencyCourse,
    span,
  });
}
