/** The panels that are tables by nature: flagged accounts and servers. */
import { formatClock, formatCount, formatTenth, plural, withoutTenths } from "../format.ts";
import type { Frame } from "../model/frame.ts";
import type { Server } from "../model/servers.ts";
import { createTable, type Row, type TableOptions } from "../ui/data-table.ts";
import { h, setHidden, setText } from "../ui/dom.ts";
import { csvButton } from "../ui/panel.ts";
import { basisOf, spanWords, type FramePanel } from "./frame-panel.ts";

interface ListOptions {
  readonly id: string;
  readonly title: string;
  readonly table: TableOptions;
  /** Stands in the table's place while it is empty. */
  readonly empty: string;
  /** Stands beside the heading. */
  readonly tools?: readonly HTMLElement[];
}

export interface ListContent {
  readonly summary: string;
  readonly rows: readonly Row[];
}

export interface ListPanel {
  readonly element: HTMLElement;
  readonly table: HTMLTableElement;
  show(content: ListContent): void;
}

/** A panel around a table, with a sentence above and one in its place while it is empty. */
export function listPanel(options: ListOptions): ListPanel {
  const table = createTable(options.table);
  const summary = h("p", { class: "summary" });
  const empty = h("p", { class: "empty" }, options.empty);
  const box = h(
    "div",
    { class: "table-box", tabindex: 0, role: "group", "aria-label": options.table.caption },
    table.element,
  );
  const saves = h("div", { class: "save" }, csvButton(options.id, options.title, table));
  const element = h(
    "section",
    { class: `panel list area-${options.id}`, "aria-labelledby": `${options.id}-title` },
    h(
      "header",
      { class: "panel-head" },
      h("h2", { id: `${options.id}-title` }, options.title),
      h("div", { class: "panel-tools" }, saves, ...(options.tools ?? [])),
    ),
    summary,
    h("div", { class: "figure" }, box, empty),
  );
  return {
    element,
    table: table.element,
    show({ summary: words, rows }) {
      setText(summary, words);
      setHidden(empty, rows.length > 0);
      setHidden(box, rows.length === 0);
      table.update(rows);
    },
  };
}

/** A list that fills itself from each frame, made anew only when `part` of it has changed. */
export function frameList<P>(
  options: ListOptions,
  part: (frame: Frame) => P,
  content: (part: P, frame: Frame) => ListContent,
): FramePanel {
  const list = listPanel(options);
  let shown: readonly unknown[] = [];
  return {
    element: list.element,
    draw(frame) {
      const now = part(frame);
      const basis = basisOf(frame, now);
      if (shown.length > 0 && basis.every((one, i) => one === shown[i])) return;
      shown = basis;
      list.show(content(now, frame));
    },
    dispose: () => undefined,
  };
}

/**
 * Accounts with suspicious purchases: player, address, count, items, when.
 * @param options.links rows lead to the account's page; without, they can be low
 */
export function flagsPanel({ links }: { readonly links: boolean } = { links: true }): FramePanel {
  const options = {
    id: "flags",
    title: "Flagged accounts",
    table: {
      testId: "flagged-accounts",
      caption: "Flagged accounts, newest first",
      columns: ["Player", "Address", ">Purchases", ">Last", "~Items"],
    },
    empty: "Accounts that buy too often from one address show here.",
  };
  return frameList(
    options,
    (frame) => frame.flags,
    ({ accounts }, frame) => ({
      summary:
        accounts.length === 0
          ? `None in the last ${spanWords(frame)}.`
          : `${plural(accounts.length, "account")} bought suspiciously often in ${spanWords(frame)}.`,
      rows: accounts.map((account) => ({
        key: `${account.player}\n${account.address}`,
        ...(links ? { href: frame.pageOf("player", account.player) } : {}),
        cells: [
          account.player,
          account.address,
          formatCount(account.purchases),
          formatClock(account.lastSeenMs),
          account.items.map(frame.called.item).join(", "),
        ],
        ids: [undefined, undefined, undefined, undefined, account.items.join(", ")],
        data: {
          "data-player": account.player,
          "data-address": account.address,
          "data-item": account.items.join(" "),
          "data-purchases": account.purchases,
          "data-window-end": account.lastSeenMs,
        },
      })),
    }),
  );
}

/**
 * Every server's newest means and whether it is well; in full also where it is, how many play on it,
 * and a link to its page, which takes a row that is high enough to be hit.
 */
export function serversPanel({ full }: { readonly full: boolean }): FramePanel {
  const more = full ? ["~>p95", "~>Players", "~Region", "~Type"] : [];
  const options = {
    id: "servers",
    title: "Servers",
    table: {
      testId: "server-health",
      caption: "Servers, newest means",
      columns: ["Server", "State", ">CPU", ">Memory", ">Latency", ...more],
    },
    empty: "Servers that report their load show here.",
  };
  return frameList(
    options,
    (frame) => frame.servers,
    ({ servers, ...counts }, frame) => ({
      summary: servers.length === 0 ? "No server has reported." : serverWords(counts),
      rows: servers.map((server) => ({
        key: server.server,
        ...(full ? { href: frame.pageOf("server", server.server) } : {}),
        cells: [
          server.server,
          stateWords(server),
          `${formatTenth(server.cpuLoad)} %`,
          `${formatTenth(server.memoryUsage)} %`,
          `${formatTenth(server.latencyMs)} ms`,
          ...(full
            ? [
                `${formatTenth(server.latencyP95Ms)} ms`,
                formatCount(server.players),
                server.region || "–",
                server.serverType || "–",
              ]
            : []),
        ],
        data: {
          "data-server": server.server,
          "data-status": server.status,
          "data-cpu": server.cpuLoad,
          "data-memory": server.memoryUsage,
          "data-latency": server.latencyMs,
          "data-window-start": server.windowStartMs,
          "data-slot": frame.colours.servers.get(server.server),
        },
        titles: [undefined, stateWords(server)],
      })),
    }),
  );
}

function stateWords({ status, reason }: Server): string {
  return status === "ok" ? "ok" : `${STATUS_WORDS[status]}${withoutTenths(reason)}`;
}

const STATUS_WORDS = { ok: "", hot: "hot: ", silent: "down: " } as const;

/** "7 ok, 1 hot." */
function serverWords(servers: { ok: number; hot: number; silent: number }): string {
  const parts = [`${servers.ok} ok`];
  if (servers.hot > 0) parts.push(`${servers.hot} hot`);
  if (servers.silent > 0) parts.push(`${servers.silent} down`);
  return `${parts.join(", ")}.`;
}
