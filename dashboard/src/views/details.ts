/** The pages about one level, item, player or server: what the views show, for it alone. */
import type { RaisedFlag } from "@arenaflow/events";
import { formatClock, formatCount, formatMoney, formatSession, plural } from "../format.ts";
import type { Config } from "../config.ts";
import type { Frame } from "../model/frame.ts";
import { named } from "../model/names.ts";
import { THRESHOLDS } from "../model/servers.ts";
import type { DetailKind } from "../route.ts";
import { h, setAttributes, setText } from "../ui/dom.ts";
import { flagsReader, raisedPanel, ringsPanel } from "./fraud-panels.ts";
import { disconnectsPanel, outagesPanel, percentilesPanel } from "./fleet-panels.ts";
import type { FramePanel } from "./frame-panel.ts";
import { flowPanel, retentionPanel, stuckPanel } from "./level-panels.ts";
import { flagsPanel } from "./lists.ts";
import { createPlayerEvents } from "./player-events.ts";
import { mapsPanel, playersPanel, sessionsPanel } from "./player-panels.ts";
import { revenuePanel } from "./sales-panels.ts";
import { measurePanel } from "./server-panels.ts";
import { panelView, type View } from "./view.ts";

interface About {
  /** Where the way back leads. */
  readonly view: "engagement" | "economy" | "fraud" | "operations";
  readonly words: (frame: Frame, id: string) => { readonly name: string; readonly facts: string };
  readonly panels: (id: string, config: Config) => readonly FramePanel[];
}

const ABOUT: Readonly<Record<DetailKind, About>> = {
  level: {
    view: "engagement",
    words: ({ players, names }, id) => ({
      name: named(names.levels, id),
      facts:
        players.sessionSeconds === undefined
          ? "Nobody is here now."
          : `${plural(players.now, "player")} now on ${plural(players.maps.length, "map")}, mean session ${formatSession(players.sessionSeconds)}.`,
    }),
    panels: () => [
      mapsPanel(),
      stuckPanel(),
      flowPanel(),
      retentionPanel(),
      playersPanel(),
      sessionsPanel(),
    ],
  },
  item: {
    view: "economy",
    words: ({ sales, names }, id) => ({
      name: named(names.items, id),
      facts: `${plural(sales.purchases, "purchase")} for ${formatMoney(sales.cents)} in this span.`,
    }),
    panels: () => [revenuePanel(), flagsPanel(), raisedPanel(flagsReader())],
  },
  player: {
    view: "fraud",
    words: ({ courses }, id) => {
      const own = courses["fraud-flags"]
        .flatMap(({ values }) => values)
        .filter((flag) => flag.player_id === id);
      const addresses = new Set(own.map((flag) => flag.ip_address));
      return {
        name: id,
        facts:
          own.length === 0
            ? "Not flagged in this span."
            : `${plural(own.length, "flag")} from ${plural(addresses.size, "address", "addresses")}, the last at ${formatClock(Math.max(...own.map((flag) => flag.window_end)))}.${buyerWords(own.at(-1))}`,
      };
    },
    panels: (id, config) => {
      const read = flagsReader(id);
      return [raisedPanel(read, id), ringsPanel(read), createPlayerEvents(config, id)];
    },
  },
  server: {
    view: "operations",
    words: ({ servers }, id) => {
      const server = servers.servers.find((one) => one.server === id);
      const place = [server?.region, server?.serverType].filter(
        (word) => word !== undefined && word !== "",
      );
      return {
        name: place.length === 0 ? id : `${id} · ${place.join(", ")}`,
        facts:
          server === undefined
            ? "It has not reported in this span."
            : server.status === "ok"
              ? `Well: ${formatCount(server.players)} players, latency below ${THRESHOLDS.latencyMsMax} ms.`
              : `${server.status === "silent" ? "Down" : "Hot"}: ${server.reason}.`,
      };
    },
    panels: () => [
      percentilesPanel(),
      outagesPanel(),
      measurePanel("cpu_load"),
      measurePanel("memory_usage"),
      measurePanel("players"),
      disconnectsPanel(),
    ],
  },
};

/** What the account was as a buyer before the flag, where the flag says so. */
function buyerWords(flag: RaisedFlag | undefined): string {
  const { spender_tier: tier, returning_buyer: returning } = flag ?? {};
  // Rules that look at no single purchase do not say.
  if (tier === undefined || tier === null) return "";
  return tier === "none"
    ? " It had bought nothing before."
    : ` A ${returning === true ? "returning" : "new"} buyer; spender tier: ${tier}.`;
}

/** Makes the page about one thing. */
export function createDetail(kind: DetailKind, id: string, config: Config): View {
  const { view, words, panels } = ABOUT[kind];
  const name = h("h2", {}, id);
  const facts = h("p", { class: "facts" });
  const back = h("a", { class: "back" }, `‹ ${view}`);
  const head: FramePanel = {
    element: h(
      "header",
      { class: "detail-head", "data-testid": `${kind}-page`, "data-id": id },
      back,
      h("span", { class: "detail-kind" }, kind),
      name,
      facts,
    ),
    draw(frame) {
      const said = words(frame, id);
      setText(name, said.name);
      setText(facts, said.facts);
      setAttributes(back, { href: frame.hrefOf(view) });
    },
    dispose: () => undefined,
  };
  return panelView(`detail ${kind}-detail`, panels(id, config), head);
}
