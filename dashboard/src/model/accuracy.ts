/**
 * How right the fraud rules are, by the simulated game's own word: a flag is right when one of its
 * events belongs to a fraud of any kind; a fraud is caught when a flag of the rule named after it
 * holds one of its events.
 */
import type { RaisedFlag } from "@arenaflow/events";
import { byName } from "./names.ts";
import { sumOf, type Span } from "./windows.ts";

/** What the simulation says it did on purpose. */
export interface Deed {
  readonly position: number;
  readonly label: "fraud" | "honest" | "incident";
  readonly pattern: string;
  readonly rule: string;
  readonly complete: boolean;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly eventIds: readonly string[];
  readonly players: readonly string[];
  readonly addresses: readonly string[];
}

export interface RuleScore {
  readonly rule: string;
  readonly mode: RaisedFlag["mode"] | "";
  readonly flags: number;
  readonly right: number;
  readonly frauds: number;
  readonly caught: number;
}

export interface Accuracy {
  readonly rules: readonly RuleScore[];
  /** Over the rules on duty; undefined while there is nothing to judge. */
  readonly precision: number | undefined;
  readonly recall: number | undefined;
  /** Honest deeds that look like fraud, and how many of them were flagged by rules on duty. */
  readonly honest: number;
  readonly honestFlagged: number;
}

/** A fraud is judged when its last event is this old: the rules' windows and the way here. */
const JUDGED_AFTER_MS = 20_000;

/** Compares flags with deeds within the span. */
export function accuracyOf(
  flags: readonly RaisedFlag[],
  deeds: readonly Deed[],
  span: Span,
): Accuracy {
  const frauds = deeds.filter((deed) => deed.label === "fraud");
  const fraudulent = new Set(frauds.flatMap((deed) => deed.eventIds));
  const judged = frauds.filter(
    (deed) =>
      deed.complete && deed.startedMs >= span.fromMs && deed.endedMs <= span.toMs - JUDGED_AFTER_MS,
  );
  const names = new Set([...judged.map((deed) => deed.rule), ...flags.map((flag) => flag.rule)]);
  const rules = [...names].toSorted(byName).map((rule): RuleScore => {
    const raised = flags.filter((flag) => flag.rule === rule);
    const evidence = new Set(raised.flatMap((flag) => flag.evidence_event_ids));
    const own = judged.filter((deed) => deed.rule === rule);
    return {
      rule,
      mode: raised[0]?.mode ?? "",
      flags: raised.length,
      right: raised.filter((flag) => flag.evidence_event_ids.some((id) => fraudulent.has(id)))
        .length,
      frauds: own.length,
      caught: own.filter((deed) => deed.eventIds.some((id) => evidence.has(id))).length,
    };
  });
  const acting = rules.filter((rule) => rule.mode !== "shadow");
  const evidence = new Set(
    flags.filter((flag) => flag.mode === "flag").flatMap((flag) => flag.evidence_event_ids),
  );
  const honest = deeds.filter(
    (deed) => deed.label === "honest" && deed.startedMs >= span.fromMs && deed.endedMs <= span.toMs,
  );
  return {
    rules,
    precision: shareOf(
      sumOf(acting, (rule) => rule.right),
      sumOf(acting, (rule) => rule.flags),
    ),
    recall: shareOf(
      sumOf(acting, (rule) => rule.caught),
      sumOf(acting, (rule) => rule.frauds),
    ),
    honest: honest.length,
    honestFlagged: honest.filter((deed) => deed.eventIds.some((id) => evidence.has(id))).length,
  };
}

/** A part of a whole, or undefined when there is no whole. */
export function shareOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
