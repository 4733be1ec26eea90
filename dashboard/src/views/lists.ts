/** The panels that are tables by nature: flagged accounts and servers. */
import { formatClock, formatCount, formatTenth, plural } from "../format.ts";
import type { Frame } from "../model/frame.ts";
import { createTable, type TableOptions } from "../ui/data-table.ts";
import { h, setHidden, setText } from "../ui/dom.ts";
import { spanWords, type FramePanel } from "./frame-panel.ts";

interface ListOptions {
  readonly id: string;
  readonly title: string;
  readonly table: TableOptions;
}

/** A panel around a table, with a sentence above and one in its place while it is empty. */
export function listPanel(options: ListOptions) {
  const table = createTable(options.table);
  const summary = h("p", { class: "summary" });
  const empty = h("p", { class: "empty" });
  const box = h(
    "div",
    { class: "table-box", tabindex: 0, role: "group", "aria-label": options.table.caption },
    table.element,
  );
  const element = h(
    "section",
    { class: `panel list area-${options.id}`, "aria-labelledby": `${options.id}-title` },
    h("header", { class: "panel-head" }, h("h2", { id: `${options.id}-title` }, options.title)),
    summary,
    h("div", { class: "figure" }, box, empty),
  );
  return { element, table, summary, empty, box };
}

/** Accounts with suspicious purchases: player, address, count, items, when. */
export function flagsPanel(): FramePanel {
  const { element, table, summary, empty, box } = listPanel({
    id: "flags",
    title: "Flagged accounts",
    table: {
      testId: "flagged-accounts",
      caption: "Flagged accounts, newest first",
      columns: ["Player", "Address", ">Purchases", ">Last", "Items"],
    },
  });
  return {
    element,
    draw(frame: Frame) {
      const { flags } = frame;
      const none = flags.accounts.length === 0;
      setText(
        summary,
        none
          ? `None in the last ${spanWords(frame)}.`
          : `${plural(flags.accounts.length, "account")} bought suspiciously often in ${spanWords(frame)}.`,
      );
      setText(empty, "Accounts that buy too often from one address show here.");
      setHidden(empty, !none);
      setHidden(box, none);
      table.update(
        flags.accounts.map((account) => ({
          key: `${account.player}\n${account.address}`,
          cells: [
            account.player,
            account.address,
            formatCount(account.purchases),
            formatClock(account.lastSeenMs),
            account.items.join(", "),
          ],
          data: {
            "data-player": account.player,
            "data-address": account.address,
            "data-item": account.items.join(" "),
            "data-purchases": account.purchases,
            "data-window-end": account.lastSeenMs,
          },
        })),
      );
    },
    dispose: () => undefined,
  };
}

/** Every server's newest means and whether it is well. Without links the rows can be low. */
export function serversPanel(options: { links: boolean } = { links: true }): FramePanel {
  const { element, table, summary, empty, box } = listPanel({
    id: "servers",
    title: "Servers",
    table: {
      testId: "server-health",
      caption: "Servers, newest means",
      columns: ["Server", "State", ">CPU", ">Memory", ">Latency"],
    },
  });
  return {
    element,
    draw(frame: Frame) {
      const { servers, colours } = frame;
      const none = servers.servers.length === 0;
      setText(summary, none ? "No server has reported." : serverWords(servers));
      setText(empty, "Servers that report their load show here.");
      setHidden(empty, !none);
      setHidden(box, none);
      table.update(
        servers.servers.map((server) => ({
          key: server.server,
          ...(options.links ? { href: frame.hrefOf("operations", { server: server.server }) } : {}),
          cells: [
            server.server,
            server.status === "hot" ? `hot: ${server.reason}` : server.reason || "ok",
            `${formatTenth(server.cpuLoad)} %`,
            `${formatTenth(server.memoryUsage)} %`,
            `${formatTenth(server.latencyMs)} ms`,
          ],
          data: {
            "data-server": server.server,
            "data-status": server.status,
            "data-cpu": server.cpuLoad,
            "data-memory": server.memoryUsage,
            "data-latency": server.latencyMs,
            "data-window-start": server.windowStartMs,
            "data-slot": colours.servers.get(server.server),
          },
        })),
      );
    },
    dispose: () => undefined,
  };
}

/** "7 ok, 1 hot." */
export function serverWords(servers: { ok: number; hot: number; silent: number }): string {
  const parts = [`${servers.ok} ok`];
  if (servers.hot > 0) parts.push(`${servers.hot} hot`);
  if (servers.silent > 0) parts.push(`${servers.silent} silent`);
  return `${parts.join(", ")}.`;
}
