/** The flags that fraud rules have raised: one by one, by rule, and as accounts behind addresses. */
import type { RaisedFlag } from "@arenaflow/events";
import type { Deed } from "./accuracy.ts";
import { byName } from "./names.ts";
import type { Course, Point, Span } from "./windows.ts";

export interface RuleCount {
  readonly rule: string;
  readonly mode: RaisedFlag["mode"];
  readonly flags: number;
  readonly highest: number;
}

export interface RaisedFlags {
  /** Newest first. */
  readonly flags: readonly RaisedFlag[];
  /** Without those of rules on trial. */
  readonly acting: number;
  /** Most flags first, rules on trial last. */
  readonly rules: readonly RuleCount[];
  readonly accounts: number;
}

/** Reads flags; one that has grown has been written again and is there once. */
export function raisedFlagsOf(courses: readonly Course<RaisedFlag>[]): RaisedFlags {
  const flags = courses
    .flatMap(({ values }) => values)
    .toSorted((a, b) => b.window_end - a.window_end || b.score - a.score);
  const acting = flags.filter((flag) => flag.mode === "flag");
  const rules = [...Map.groupBy(flags, (flag) => flag.rule)]
    .map(([rule, raised]) => ({
      rule,
      mode: raised[0]?.mode ?? "flag",
      flags: raised.length,
      highest: Math.max(...raised.map((flag) => flag.score)),
    }))
    .toSorted(
      (a, b) => a.mode.localeCompare(b.mode) || b.flags - a.flags || byName(a.rule, b.rule),
    );
  return {
    flags,
    acting: acting.length,
    rules,
    accounts: new Set(acting.map((flag) => flag.player_id)).size,
  };
}

/** Flags raised in stretches of equal time, so that a burst stands out. */
export function flagCourse(flags: readonly RaisedFlag[], span: Span, stepMs: number): Point[] {
  const counts = new Map<number, number>();
  for (const flag of flags) {
    const end = Math.ceil(flag.window_end / stepMs) * stepMs;
    counts.set(end, (counts.get(end) ?? 0) + 1);
  }
  const points: Point[] = [];
  const first = Math.ceil(span.fromMs / stepMs) * stepMs;
  for (let end = first; end <= span.toMs; end += stepMs) points.push([end, counts.get(end) ?? 0]);
  return points;
}

export interface Link {
  readonly account: string;
  readonly address: string;
  readonly flags: number;
  /** The highest score of the flags between the two. */
  readonly score: number;
}

/** Accounts and addresses that belong together, directly or through one another. */
export interface Ring {
  readonly accounts: readonly string[];
  readonly addresses: readonly string[];
  readonly links: readonly Link[];
  readonly flags: number;
}

/**
 * Groups what is connected; the largest rings first. A flag names the account that raised it; the
 * others behind the same address are known where the simulated game tells its deeds.
 */
export function ringsOf(flags: readonly RaisedFlag[], deeds: readonly Deed[] = []): Ring[] {
  const links = new Map<string, Link>();
  for (const { account, address, score } of [
    ...flags.map((flag) => ({
      account: flag.player_id,
      address: flag.ip_address,
      score: flag.score,
    })),
    ...accomplices(flags, deeds),
  ]) {
    if (account === "" || address === "") continue;
    const key = `${account}\n${address}`;
    const known = links.get(key);
    links.set(key, {
      account,
      address,
      flags: (known?.flags ?? 0) + 1,
      score: Math.max(known?.score ?? 0, score),
    });
  }
  return grouped(links);
}

/** Who else took part in the deeds that were found from one address. */
function accomplices(
  flags: readonly RaisedFlag[],
  deeds: readonly Deed[],
): { account: string; address: string; score: number }[] {
  const byEvent = new Map(deeds.flatMap((deed) => deed.eventIds.map((id) => [id, deed] as const)));
  return flags.flatMap((flag) => {
    const found = new Set(flag.evidence_event_ids.map((id) => byEvent.get(id)));
    return [...found].flatMap((deed) =>
      deed?.addresses.length === 1 && deed.addresses[0] === flag.ip_address
        ? deed.players
            .filter((player) => player !== flag.player_id)
            .map((account) => ({ account, address: flag.ip_address, score: flag.score }))
        : [],
    );
  });
}

function grouped(links: ReadonlyMap<string, Link>): Ring[] {
  // Union of sets: every address leads to the first one of its ring.
  const leader = new Map<string, string>();
  const lead = (name: string): string => {
    let at = name;
    for (let next = leader.get(at); next !== undefined && next !== at; next = leader.get(at))
      at = next;
    return at;
  };
  const home = new Map<string, string>();
  for (const { account, address } of links.values()) {
    if (!leader.has(address)) leader.set(address, address);
    const other = home.get(account);
    if (other === undefined) home.set(account, address);
    else leader.set(lead(address), lead(other));
  }
  return [...Map.groupBy(links.values(), ({ address }) => lead(address)).values()]
    .map((ring) => ({
      accounts: [...new Set(ring.map(({ account }) => account))].toSorted(byName),
      addresses: [...new Set(ring.map(({ address }) => address))].toSorted(byName),
      links: ring,
      flags: ring.reduce((sum, link) => sum + link.flags, 0),
    }))
    .toSorted(
      (a, b) =>
        b.links.length - a.links.length ||
        b.flags - a.flags ||
        byName(a.addresses[0] ?? "", b.addresses[0] ?? ""),
    );
}
