/** Accounts that the dataflow flagged: who, from where, how often, on what, when. */
import type { ItemSales } from "@arenaflow/events";
import { byName } from "./names.ts";
import { lineOver, type Course, type Point } from "./windows.ts";

export interface FlaggedAccount {
  readonly player: string;
  readonly address: string;
  /** Suspicious purchases over the span. */
  readonly purchases: number;
  readonly items: readonly string[];
  /** Windows in which the account was flagged. */
  readonly windows: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export interface Flags {
  /** Newest first. */
  readonly accounts: readonly FlaggedAccount[];
  /** Accounts flagged per window. */
  readonly course: readonly Point[];
}

interface Gathered {
  player: string;
  address: string;
  purchases: number;
  items: Set<string>;
  windows: number;
  first: number;
  last: number;
}

/** Gathers flags by player and address. */
export function flagsOf(courses: readonly Course<ItemSales>[]): Flags {
  const accounts = new Map<string, Gathered>();
  const perWindow = new Map<number, number>();
  for (const course of courses) {
    const counts = gatherWindow(course, accounts);
    perWindow.set(course.startMs, counts.size);
    for (const [key, count] of counts) {
      const account = accounts.get(key);
      if (account === undefined) continue;
      account.purchases += count;
      account.windows += 1;
      account.last = course.endMs;
    }
  }
  return {
    accounts: [...accounts.values()]
      .map((account) => ({
        player: account.player,
        address: account.address,
        purchases: account.purchases,
        items: [...account.items].toSorted(byName),
        windows: account.windows,
        firstSeenMs: account.first,
        lastSeenMs: account.last,
      }))
      .toSorted(
        (a, b) =>
          b.lastSeenMs - a.lastSeenMs || b.purchases - a.purchases || byName(a.player, b.player),
      ),
    course: lineOver(courses, ({ startMs }) => perWindow.get(startMs) ?? 0),
  };
}

/**
 * A flag stands beside every item that the account bought in the window, each time with the count
 * over all items: the highest counts, not the sum.
 */
function gatherWindow(
  course: Course<ItemSales>,
  accounts: Map<string, Gathered>,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const sales of course.values) {
    for (const flag of sales.fraud_flags) {
      const key = `${flag.player_id}\n${flag.ip_address}`;
      counts.set(key, Math.max(counts.get(key) ?? 0, flag.suspicious_purchase_count));
      let account = accounts.get(key);
      if (account === undefined) {
        account = {
          player: flag.player_id,
          address: flag.ip_address,
          purchases: 0,
          items: new Set(),
          windows: 0,
          first: course.endMs,
          last: course.endMs,
        };
        accounts.set(key, account);
      }
      account.items.add(sales.item_id);
    }
  }
  return counts;
}
