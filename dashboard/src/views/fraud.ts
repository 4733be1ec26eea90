/** Who cheats: flags as they come, who belongs together, and how right the rules are where the truth is known. */
import { Truth } from "../data/truth.ts";
import type { Config } from "../config.ts";
import { formatCount, plural } from "../format.ts";
import { accuracyOf, shareOf, type Accuracy, type Deed } from "../model/accuracy.ts";
import type { Frame } from "../model/frame.ts";
import type { RaisedFlags } from "../model/raised-flags.ts";
import { flagCourse } from "../model/raised-flags.ts";
import { h } from "../ui/dom.ts";
import { createKeyNumber } from "../ui/key-number.ts";
import {
  flagsOverTimePanel,
  flagsReader,
  raisedPanel,
  ringsPanel,
  rulesPanel,
  type ReadFlags,
} from "./fraud-panels.ts";
import { spanWords, type FramePanel } from "./frame-panel.ts";
import { listPanel } from "./lists.ts";
import { panelView, type View } from "./view.ts";

const ASK_EVERY_MS = 3_000;

/** Makes the view and starts asking for the truth. */
export function createFraud(config: Config): View {
  const read = flagsReader();
  const truth = new Truth(config);
  const closed = new AbortController();
  void truth.read(closed.signal);
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void truth.read(closed.signal);
  }, ASK_EVERY_MS);
  const judge = accuracyReader();
  const view = panelView(
    "fraud",
    [
      raisedPanel(read),
      ringsPanel(read, () => truth.deeds),
      rulesPanel(read),
      accuracyPanel(read, truth, judge),
      flagsOverTimePanel(read),
    ],
    numbers(read, truth, judge),
  );
  return {
    ...view,
    dispose() {
      clearInterval(timer);
      closed.abort();
      view.dispose();
    },
  };
}

type Judge = (flags: RaisedFlags, deeds: readonly Deed[], frame: Frame) => Accuracy;

/** Judges anew when flags, truth or the span have changed. */
function accuracyReader(): Judge {
  let last: { readonly key: readonly unknown[]; readonly accuracy: Accuracy } | undefined;
  return (flags, deeds, { span }) => {
    const key = [flags, deeds, span.toMs, span.fromMs];
    if (last === undefined || key.some((part, i) => part !== last?.key[i])) {
      last = { key, accuracy: accuracyOf(flags.flags, deeds, span) };
    }
    return last.accuracy;
  };
}

const percent = (share: number | undefined): string =>
  share === undefined ? "–" : `${(share * 100).toFixed(share === 1 ? 0 : 1)} %`;

function numbers(read: ReadFlags, truth: Truth, judge: Judge): FramePanel {
  const tiles = {
    flags: createKeyNumber({ id: "flags-raised", label: "Flags" }),
    accounts: createKeyNumber({ id: "accounts-flagged", label: "Accounts" }),
    precision: createKeyNumber({ id: "precision", label: "Precision" }),
    recall: createKeyNumber({ id: "recall", label: "Recall" }),
  };
  return {
    element: h(
      "section",
      { class: "key-numbers four", "aria-label": "Key numbers" },
      ...Object.values(tiles).map((tile) => tile.element),
    ),
    draw(frame) {
      const { span } = frame;
      const flags = read(frame.courses["fraud-flags"]);
      const course = flagCourse(
        flags.flags.filter((flag) => flag.mode === "flag"),
        span,
        10_000,
      );
      const tone = flags.acting > 0 ? "warn" : "plain";
      tiles.flags.update({
        value: formatCount(flags.acting),
        exact: flags.acting,
        note: `in ${spanWords(frame)}`,
        tone,
        course,
        span,
      });
      tiles.accounts.update({
        value: formatCount(flags.accounts),
        exact: flags.accounts,
        note: plural(flags.rules.filter((rule) => rule.mode === "flag").length, "rule"),
        tone,
        course: [],
        span,
      });
      const known = truth.available === true;
      const accuracy = judge(flags, truth.deeds, frame);
      const right = { course: [], span } as const;
      tiles.precision.update({
        ...right,
        value: known ? percent(accuracy.precision) : "–",
        exact: accuracy.precision ?? -1,
        note: known ? "of the flags are right" : "no simulation to compare with",
      });
      tiles.recall.update({
        ...right,
        value: known ? percent(accuracy.recall) : "–",
        exact: accuracy.recall ?? -1,
        note: known ? "of the frauds are caught" : "no simulation to compare with",
      });
    },
    dispose: () => undefined,
  };
}

function accuracyPanel(read: ReadFlags, truth: Truth, judge: Judge): FramePanel {
  const list = listPanel({
    id: "accuracy",
    title: "Against the truth",
    table: {
      testId: "rule-accuracy",
      caption: "Precision and recall by rule, by the simulated game's own word",
      columns: ["Rule", "~>Flags", ">Precision", "~>Frauds", ">Recall"],
    },
    empty:
      "The truth is known only where the simulated game plays. Name its address as “truth” in config.json.",
  });
  return {
    element: list.element,
    draw(frame) {
      const known = truth.available === true;
      const { rules, honest, honestFlagged } = judge(
        read(frame.courses["fraud-flags"]),
        truth.deeds,
        frame,
      );
      list.show({
        summary: known
          ? `${formatCount(honestFlagged)} of ${formatCount(honest)} honest look-alikes flagged. A fraud is judged 20 s after its end.`
          : truth.available === undefined
            ? "Asking the simulated game."
            : "No simulated game to compare with.",
        rows: (known ? rules : []).map((rule) => ({
          key: rule.rule,
          cells: [
            rule.mode === "shadow" ? `${rule.rule} (on trial)` : rule.rule,
            formatCount(rule.flags),
            percent(shareOf(rule.right, rule.flags)),
            formatCount(rule.frauds),
            percent(shareOf(rule.caught, rule.frauds)),
          ],
          data: {
            "data-rule": rule.rule,
            "data-flags": rule.flags,
            "data-right": rule.right,
            "data-frauds": rule.frauds,
            "data-caught": rule.caught,
          },
        })),
      });
    },
    dispose: () => undefined,
  };
}
