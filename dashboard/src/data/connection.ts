/** The honest state of the page, from what the feed reports and how old the data is. */
import { formatAge } from "../format.ts";
import { PUNCTUAL_TOPICS } from "./shown-topics.ts";
import type { InsightState } from "./store.ts";

/** What the feed knows about its connection. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | {
      readonly kind: "reconnecting";
      readonly lostAtMs: number;
      readonly retryAtMs: number;
      readonly reason: string;
    }
  | { readonly kind: "error"; readonly reason: string; readonly retryAtMs: number };

export type PageStatus = {
  readonly kind: "connecting" | "live" | "reconnecting" | "stale" | "empty" | "error";
  /** Two or three words. */
  readonly label: string;
  /** One sentence; empty when there is nothing to explain. */
  readonly detail: string;
};

/** Windows come every 5 s and close a second later: three missed ones are no hiccup. */
export const STALE_AFTER_MS = 20_000;

/** @returns end of the newest window of any topic whose windows are written once they are over, or 0 */
export function newestEnd(state: InsightState): number {
  return Math.max(...PUNCTUAL_TOPICS.map((topic) => state[topic].newestEndMs));
}

/** Puts connection and data together into what the header says. */
export function statusOf(connection: Connection, state: InsightState, nowMs: number): PageStatus {
  const newestMs = newestEnd(state);
  const age = newestMs === 0 ? "" : formatAge(nowMs - newestMs);
  switch (connection.kind) {
    case "connecting":
      return { kind: "connecting", label: "Connecting", detail: "Reading the last minutes." };
    case "live":
      if (newestMs === 0) {
        return {
          kind: "empty",
          label: "No data yet",
          detail: "Connected, and waiting for the first insight.",
        };
      }
      if (nowMs - newestMs > STALE_AFTER_MS) {
        return {
          kind: "stale",
          label: `Stale · ${age}`,
          detail: `Connected, but the newest insight is ${age} old.`,
        };
      }
      return { kind: "live", label: "Live", detail: lateWords(state, newestMs) };
    case "reconnecting":
      return {
        kind: "reconnecting",
        label: "Reconnecting",
        detail: `Missing the last ${formatAge(nowMs - Math.max(newestMs, connection.lostAtMs - STALE_AFTER_MS))}; ${retryWords(connection.retryAtMs, nowMs)}, the gap is filled then. ${connection.reason}`,
      };
    case "error":
      return {
        kind: "error",
        label: "Not connected",
        detail: `${connection.reason} ${capital(retryWords(connection.retryAtMs, nowMs))}.`,
      };
  }
}

/** What comes all the time while its dataflow runs, by the dataflow's name. */
const STEADY = [
  ["player-engagement", "level-activity"],
  ["game-economy", "item-sales"],
  ["server-operations", "server-health"],
] as const;

/** Names a dataflow that has fallen behind the others; empty while none has. */
function lateWords(state: InsightState, newestMs: number): string {
  const late = STEADY.map(([name, topic]) => ({ name, endMs: state[topic].newestEndMs })).filter(
    ({ endMs }) => endMs > 0 && newestMs - endMs > STALE_AFTER_MS * 2,
  );
  return late
    .map(({ name, endMs }) => `Nothing from ${name} for ${formatAge(newestMs - endMs)}.`)
    .join(" ");
}

function retryWords(retryAtMs: number, nowMs: number): string {
  const waitMs = retryAtMs - nowMs;
  return waitMs > 500 ? `trying again in ${formatAge(waitMs)}` : "trying now";
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
