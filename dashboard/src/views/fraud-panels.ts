/** Panels about flags: one by one, by rule, over time, and as accounts behind addresses. */
import { COUNTS, linesOption } from "../charts/lines.ts";
import { markClass } from "../charts/option.ts";
import { partsBarsOption, rowsThatFit } from "../charts/parts-bars.ts";
import { ringShapes } from "../charts/rings.ts";
import { formatClock, formatCount, plural } from "../format.ts";
import type { Deed } from "../model/accuracy.ts";
import { binMsOf, type Frame } from "../model/frame.ts";
import { flagCourse, raisedFlagsOf, ringsOf, type Ring } from "../model/raised-flags.ts";
import { remembered, type Course } from "../model/windows.ts";
import type { RaisedFlag } from "@arenaflow/events";
import { diagramPanel } from "./diagram-panel.ts";
import { basisOf, courseRows, framePanel, spanWords, type FramePanel } from "./frame-panel.ts";
import { frameList } from "./lists.ts";

/** One reading of the flags for all panels of a view. */
export type ReadFlags = ReturnType<typeof flagsReader>;
export const flagsReader = (player?: string) =>
  remembered((courses: readonly Course<RaisedFlag>[]) =>
    raisedFlagsOf(player === undefined ? courses : around(courses, player)),
  );

/** A player's own flags, and those of others behind the same addresses. */
function around(courses: readonly Course<RaisedFlag>[], player: string): Course<RaisedFlag>[] {
  const addresses = new Set(
    courses
      .flatMap(({ values }) => values)
      .filter((flag) => flag.player_id === player)
      .map((flag) => flag.ip_address),
  );
  return courses.map((course) => ({
    ...course,
    values: course.values.filter(
      (flag) => flag.player_id === player || addresses.has(flag.ip_address),
    ),
  }));
}

/** Flags as they come: rule, who, how sure, and on what evidence. */
export function raisedPanel(read: ReadFlags, player?: string): FramePanel {
  const options = {
    id: "raised",
    title: player === undefined ? "Flags" : "Flags of this account",
    table: {
      testId: "fraud-flags",
      caption: "Flags, newest first",
      columns: ["Player", ">When", "Rule", ">Score", "Evidence", "Address", "Item", "Severity"],
    },
    empty: "No rule has found anything in this span.",
  };
  return frameList(
    options,
    (frame) => read(frame.courses["fraud-flags"]),
    (all, frame) => {
      const flags = all.flags.filter((flag) => player === undefined || flag.player_id === player);
      const trial = flags.filter((flag) => flag.mode === "shadow").length;
      return {
        summary:
          flags.length === 0
            ? `None in ${spanWords(frame)}.`
            : `${plural(flags.length - trial, "flag")} in ${spanWords(frame)}${trial === 0 ? "" : `, and ${formatCount(trial)} by rules on trial`}.`,
        rows: flags.map((flag) => ({
          key: `${flag.rule}\n${flag.subject}\n${flag.window_start}`,
          href: frame.pageOf("player", flag.player_id),
          cells: [
            flag.player_id,
            formatClock(flag.window_end),
            flag.rule,
            flag.score.toFixed(2),
            evidenceWords(flag),
            flag.ip_address,
            frame.called.item(flag.item_id),
            flag.mode === "shadow" ? "on trial" : flag.severity,
          ],
          titles: [undefined, undefined, undefined, undefined, flag.evidence_event_ids.join("\n")],
          ids: [undefined, undefined, undefined, undefined, undefined, undefined, flag.item_id],
          data: {
            "data-rule": flag.rule,
            "data-mode": flag.mode,
            "data-severity": flag.severity,
            "data-player": flag.player_id,
            "data-address": flag.ip_address,
            "data-item": flag.item_id,
            "data-score": flag.score,
            "data-evidence": flag.evidence_event_ids.join(" "),
            "data-window-end": flag.window_end,
          },
        })),
      };
    },
  );
}

/** "7 (limit 4)", and " · 9 events" where the rule did not count events. */
function evidenceWords(flag: {
  readonly count: number;
  readonly threshold: number;
  readonly evidence_event_ids: readonly string[];
}): string {
  const events = plural(flag.evidence_event_ids.length, "event");
  if (flag.threshold <= 0) return events;
  const counted = `${formatCount(flag.count)} (limit ${formatCount(flag.threshold)})`;
  return flag.count === flag.evidence_event_ids.length ? counted : `${counted} · ${events}`;
}

/** Accounts and the addresses they came from. */
export function ringsPanel(read: ReadFlags, deeds: () => readonly Deed[] = () => []): FramePanel {
  let known: readonly Deed[] = [];
  let rings = remembered((flags: readonly RaisedFlag[]) => ringsOf(flags, known));
  const ringsNow = (frame: Frame): readonly Ring[] => {
    if (known !== deeds()) {
      known = deeds();
      rings = remembered((flags) => ringsOf(flags, known));
    }
    return rings(read(frame.courses["fraud-flags"]).flags);
  };
  const options = {
    id: "rings",
    title: "Accounts and addresses",
    empty: "No rule has found anything in this span.",
    table: {
      testId: "account-links",
      caption: "Flagged accounts and their addresses",
      columns: ["Account", "Address", ">Flags", ">Highest score"],
    },
    hrefOf: (account: string, frame: Frame) => frame.pageOf("player", account),
  };
  return diagramPanel(options, ringsNow, (all, frame, room) => {
    const { drawn } = ringShapes(all, room);
    const shared = all.filter((ring) => ring.accounts.length > 1).length;
    const hidden = all.length - drawn;
    return {
      isEmpty: all.length === 0,
      summary: `${plural(all.length, "group")}, ${formatCount(shared)} of several accounts${hidden > 0 ? `; ${formatCount(drawn)} drawn, all in the table` : ""}.`,
      legend: [
        { name: "account", slot: 6 },
        { name: "address", slot: 0 },
      ],
      shapes: () => ringShapes(all, room).shapes,
      rows: () =>
        all.flatMap((ring) =>
          ring.links.map((link) => ({
            key: `${link.account}\n${link.address}`,
            href: frame.pageOf("player", link.account),
            cells: [link.account, link.address, formatCount(link.flags), link.score.toFixed(2)],
            data: { "data-account": link.account, "data-address": link.address },
          })),
        ),
    };
  });
}

/** How often each rule has flagged. */
export function rulesPanel(read: ReadFlags): FramePanel {
  const options = {
    id: "rules",
    title: "Flags by rule",
    empty: "No rule has found anything in this span.",
    table: {
      testId: "flags-by-rule",
      caption: "Flags by rule",
      columns: ["Rule", "Mode", ">Flags", ">Highest score"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const { rules } = read(frame.courses["fraud-flags"]);
    const { theme } = frame;
    const { width, height } = panel.plotSize();
    const trial = rules.filter((rule) => rule.mode === "shadow").length;
    panel.update({
      basis: basisOf(frame, rules, width, height),
      still: true,
      isEmpty: rules.length === 0,
      summary: `${plural(rules.length, "rule")} found something${trial === 0 ? "" : `, ${formatCount(trial)} of them on trial`}.`,
      legend: [
        { name: "on duty", slot: 1 },
        { name: "on trial", slot: undefined },
      ],
      option: () =>
        partsBarsOption(
          {
            parts: [
              {
                name: "on duty",
                colour: theme.slots[FLAG_SLOT] ?? theme.hot,
                mark: markClass(FLAG_SLOT),
              },
              { name: "on trial", colour: theme.rest, mark: markClass(undefined) },
            ],
            width,
            height,
            nameLetters: 34,
            format: formatCount,
            rows: rules.slice(0, rowsThatFit(height)).map((rule) => ({
              name: rule.rule,
              values: rule.mode === "flag" ? [rule.flags, 0] : [0, rule.flags],
              words: formatCount(rule.flags),
            })),
          },
          theme,
        ),
      rows: () =>
        rules.map((rule) => ({
          key: rule.rule,
          cells: [
            rule.rule,
            rule.mode === "flag" ? "on duty" : "on trial",
            formatCount(rule.flags),
            rule.highest.toFixed(2),
          ],
          data: { "data-rule": rule.rule, "data-mode": rule.mode, "data-flags": rule.flags },
        })),
    });
  });
}

/** Flags are amber everywhere. */
const FLAG_SLOT = 1;

/** Flags over time. */
export function flagsOverTimePanel(read: ReadFlags): FramePanel {
  const options = {
    id: "flag-course",
    title: "Flags over time",
    empty: "No rule has found anything in this span.",
    table: {
      testId: "flags-over-time",
      caption: "Flags over time",
      columns: ["Until", ">Flags"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const { flags, acting } = read(frame.courses["fraud-flags"]);
    const { span, theme } = frame;
    const stepMs = Math.max(10_000, binMsOf(span));
    const points = flagCourse(
      flags.filter((flag) => flag.mode === "flag"),
      span,
      stepMs,
    );
    const most = Math.max(0, ...points.map(([, value]) => value ?? 0));
    const lines = [{ name: "flags", slot: FLAG_SLOT, points }];
    panel.update({
      basis: basisOf(frame, flags, points.length, points[0]?.[0]),
      isEmpty: flags.length === 0,
      summary: `${plural(acting, "flag")} of rules on duty, at most ${formatCount(most)} in ${stepMs / 1000} s.`,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          ...COUNTS,
        }),
      rows: () => courseRows(points, { name: "flags", format: formatCount }),
    });
  });
}
