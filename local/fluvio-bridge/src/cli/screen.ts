/** What `arenaflow start` shows: each part as it comes up, the addresses, then one quiet line. */
import { relative } from "node:path";
import { styleText } from "node:util";
import { LOCAL_GAME } from "@arenaflow/events";
import type { LogLine } from "../log.ts";
import type { ChildStats } from "../stack/child-protocol.ts";
import type { Stack, StackEvent } from "../stack/index.ts";
import type { Problem } from "../stack/stack-error.ts";

const NAME_WIDTH = 11;
/** A line written over and over in place of the last one. */
const ERASE_LINE = "\r\u001B[2K";
/** Of graphite-web: a picture of every server's latency in the last five minutes. */
const LATENCY_PICTURE =
  "/render?target=aliasByNode(gaming.servers.*.latency,2)&from=-5min&width=900&height=400&title=Server%20latency%20(ms)";
const RATE_WINDOW_SAMPLES = 5;

export class Screen {
  readonly #verbose: boolean;
  readonly #out = process.stdout;
  readonly #pending = new Set<string>();
  readonly #samples: { atMs: number; stats: ChildStats }[] = [];
  #live = "";
  #readyAtMs = 0;

  constructor(options: { verbose: boolean }) {
    this.#verbose = options.verbose;
  }

  title(): void {
    this.#print(
      `\n  ${this.#paint("bold", "Arenaflow")} ${this.#paint("dim", "· starting the stack on this machine")}\n`,
    );
  }

  event(event: StackEvent): void {
    switch (event.type) {
      case "starting":
        this.#pending.add(event.part);
        this.#showPending();
        break;
      case "ready": {
        this.#pending.delete(event.part);
        const seconds = this.#paint("dim", `${(event.ms / 1000).toFixed(1)} s`);
        this.#print(
          `  ${this.#paint("green", "✓")} ${event.part.padEnd(NAME_WIDTH)} ${event.detail}  ${seconds}`,
        );
        this.#showPending();
        break;
      }
      case "restarting":
        this.#print(
          `  ${this.#paint("yellow", "↻")} ${event.part.padEnd(NAME_WIDTH)} ended (${event.reason}); starting it again in ${event.inMs} ms`,
        );
        break;
      case "log":
        this.#log(event.part, event.line);
        break;
    }
  }

  ready(stack: Stack, ms: number): void {
    this.#pending.clear();
    this.#setLive("");
    this.#readyAtMs = performance.now();
    const { urls } = stack;
    const data = relative(process.cwd(), stack.dataDir) || ".";
    const rows: [string, string][] = [
      ["Dashboard", this.#paint("cyan", `${urls.ingest}/`)],
      ["Ingest API", `${urls.ingest}/v1/events  ${this.#paint("dim", "key: dev")}`],
      [
        "GameAnalytics",
        `${urls.ingest}  ${this.#paint("dim", `game key: ${LOCAL_GAME.game_key}`)}`,
      ],
      ["", this.#paint("dim", `secret key: ${LOCAL_GAME.secret}`)],
      ...(urls.generator === undefined
        ? []
        : [["Generator", `${urls.generator}/`] as [string, string]]),
      ["Fluvio", urls.fluvio],
      ...(urls.graphite === undefined
        ? []
        : [["Graphite", `${urls.graphite}${LATENCY_PICTURE}`] as [string, string]]),
      ["Data, logs", `${data}/  ${this.#paint("dim", `${data}/logs`)}`],
    ];
    this.#print("");
    for (const [name, value] of rows)
      this.#print(`  ${this.#paint("bold", name.padEnd(NAME_WIDTH + 2))} ${value}`);
    this.#print(
      `\n  Ready in ${(ms / 1000).toFixed(1)} s. ${this.#paint("dim", "Ctrl-C stops everything.")}\n`,
    );
  }

  /** The quiet line at the bottom; only on a terminal. */
  status(stats: ChildStats): void {
    if (!this.#out.isTTY) return;
    this.#samples.push({ atMs: performance.now(), stats });
    if (this.#samples.length > RATE_WINDOW_SAMPLES) this.#samples.shift();
    const upS = Math.round((performance.now() - this.#readyAtMs) / 1000);
    const parts = [
      `${this.#rate("eventsIn")} events/s in`,
      `${this.#rate("recordsOut")} records/s out`,
      ...((stats["retrying"] ?? 0) > 0 ? [`${stats["retrying"]} connectors retrying`] : []),
      ...((stats["refused"] ?? 0) > 0 ? [`${stats["refused"]} refused`] : []),
      `up ${upS < 60 ? `${upS} s` : `${Math.floor(upS / 60)} min ${upS % 60} s`}`,
    ];
    this.#setLive(`  ${this.#paint("green", "●")} ${this.#paint("dim", parts.join(" · "))}`);
  }

  stopping(): void {
    this.#setLive("");
    this.#print("  Stopping …");
  }

  stopped(): void {
    this.#setLive("");
    this.#print("  Everything is stopped. The next start goes on from here.\n");
  }

  problems(problems: readonly Problem[]): void {
    this.#pending.clear();
    this.#setLive("");
    this.#print("");
    for (const { what, next } of problems) {
      this.#print(`  ${this.#paint("red", "✗")} ${indent(what)}\n    ${indent(next)}`);
    }
    this.#print("\n  Nothing of this start is left running.\n");
  }

  #log(part: string, line: LogLine): void {
    const shown = this.#verbose || line.level === "warn" || line.level === "error";
    if (!shown) return;
    const from = line.scope === part ? part : `${part}/${line.scope}`;
    const colour = line.level === "error" ? "red" : line.level === "warn" ? "yellow" : "dim";
    this.#print(`  ${this.#paint(colour, `${from}:`)} ${indent(line.message)}`);
  }

  #rate(name: string): string {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || first === last) return "0";
    const grown = (last.stats[name] ?? 0) - (first.stats[name] ?? 0);
    const perSecond = (Math.max(0, grown) * 1000) / (last.atMs - first.atMs);
    return Math.round(perSecond).toLocaleString("en-US");
  }

  #showPending(): void {
    const names = [...this.#pending].join(", ");
    this.#setLive(names === "" ? "" : `  ${this.#paint("dim", `… ${names}`)}`);
  }

  #print(text: string): void {
    const live = this.#live;
    this.#setLive("");
    this.#out.write(`${text}\n`);
    this.#setLive(live);
  }

  #setLive(text: string): void {
    if (!this.#out.isTTY) return;
    if (this.#live !== "") this.#out.write(ERASE_LINE);
    this.#live = text;
    if (text !== "") this.#out.write(text);
  }

  #paint(style: "bold" | "dim" | "red" | "green" | "yellow" | "cyan", text: string): string {
    return styleText(style, text, { stream: this.#out });
  }
}

function indent(text: string): string {
  return text.trimEnd().replaceAll("\n", "\n    ");
}
