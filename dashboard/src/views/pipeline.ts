/**
 * What the API received and what became of it: the account of events, their rate, the newest and
 * the rejected ones. Has its own data, asked for while the view is open.
 */
import { EVENT_TOPICS, isEventTopic } from "@arenaflow/events";
import { linesOption, type Line } from "../charts/lines.ts";
import type { Config } from "../config.ts";
import { readPipeline, type EdgeStatus, type PipelineReport } from "../data/pipeline.ts";
import { formatClock, formatCompact, formatCount, formatTenth, plural } from "../format.ts";
import type { Frame } from "../model/frame.ts";
import { acceptedRate, addSample, missingEvents } from "../model/rates.ts";
import type { Row } from "../ui/data-table.ts";
import { h, setAttributes, setHidden, setText } from "../ui/dom.ts";
import { framePanel, type FramePanel } from "./frame-panel.ts";
import { listPanel } from "./lists.ts";
import type { View } from "./view.ts";

const ASK_EVERY_MS = 2_000;

/** Makes the view and starts asking. */
export function createPipeline(config: Config): View {
  const closed = new AbortController();
  let samples: readonly EdgeStatus[] = [];
  let frame: Frame | undefined;
  const account = accountBar();
  const rate = ratePanel(() => samples);
  const topics = topicsPanel();
  const rejected = rejectedPanel();
  const recent = recentPanel();

  async function ask(): Promise<void> {
    try {
      const report = await readPipeline(config, closed.signal);
      samples = addSample(samples, report.status);
      account.show(report.status);
      topics.show(report);
      rejected.show(report);
      recent.show(report);
      if (frame !== undefined) rate.draw(frame);
    } catch (error) {
      if (!closed.signal.aborted)
        account.fail(error instanceof Error ? error.message : "no answer");
    }
  }
  void ask();
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void ask();
  }, ASK_EVERY_MS);

  return {
    needsInsights: false,
    element: h(
      "div",
      { class: "view pipeline" },
      account.element,
      h("div", { class: "grid" }, rate.element, topics.element, rejected.element, recent.element),
    ),
    draw(next) {
      frame = next;
      rate.draw(next);
    },
    dispose() {
      clearInterval(timer);
      closed.abort();
      rate.dispose();
    },
  };
}

const PARTS = ["received", "accepted", "duplicates", "rejected"] as const;
const SIGNS = { received: "=", accepted: "+", duplicates: "+", rejected: "" } as const;

/** "received = accepted + duplicates + rejected", with the numbers. */
function accountBar() {
  const values = Object.fromEntries(
    PARTS.map((part) => [part, h("span", { class: "value", "data-testid": `api-${part}` }, "–")]),
  );
  const verdict = h("p", { class: "verdict" }, "");
  const parts = PARTS.flatMap((part) => [
    h("div", { class: "part" }, h("span", { class: "label" }, part), values[part] ?? ""),
    ...(SIGNS[part] === ""
      ? []
      : [h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[part])]),
  ]);
  return {
    element: h(
      "section",
      { class: "panel account", "aria-label": "Account of events" },
      ...parts,
      verdict,
    ),
    show(status: EdgeStatus) {
      for (const part of PARTS) {
        const value = values[part];
        if (value === undefined) continue;
        setText(value, formatCount(status[part]));
        setAttributes(value, { "data-value": status[part] });
      }
      const missing = missingEvents(status);
      setAttributes(verdict, { "data-tone": missing === 0 ? "ok" : "hot" });
      setText(
        verdict,
        missing === 0
          ? `Every event posted to the API is accounted for; ${formatCount(status.backlog)} on their way to the dataflows.`
          : `${plural(Math.abs(missing), "event")} not accounted for.`,
      );
    },
    fail(words: string) {
      setAttributes(verdict, { "data-tone": "hot" });
      setText(verdict, `The counters could not be read: ${words}`);
    },
  };
}

function ratePanel(samplesOf: () => readonly EdgeStatus[]): FramePanel {
  const options = {
    id: "rate",
    title: "Accepted events a second",
    empty: "The second answer of the API makes a rate.",
    table: {
      testId: "accepted-rate",
      caption: "Accepted events a second",
      columns: ["Topic", ">A second"],
    },
  };
  return framePanel(options, (panel, { span, theme }) => {
    const samples = samplesOf();
    const lines = EVENT_TOPICS.map((topic, slot): Line => ({
      name: topic,
      slot,
      points: acceptedRate(samples, topic),
    }));
    const now = lines.map((line) => line.points.at(-1)?.[1] ?? 0);
    const toMs = Math.max(span.toMs, samples.at(-1)?.timeMs ?? 0);
    panel.update({
      basis: [samples],
      isEmpty: samples.length < 2,
      summary: `${formatTenth(now.reduce((sum, value) => sum + value, 0))} a second in all.`,
      legend: lines,
      option: () =>
        linesOption(lines, {
          span: { fromMs: toMs - rateSpanMs(toMs - (samples[0]?.timeMs ?? toMs)), toMs },
          theme,
          least: 4,
          format: formatCompact,
          formatFull: formatTenth,
        }),
      rows: () =>
        lines.map((line, i) => ({
          key: line.name,
          cells: [line.name, formatTenth(now[i] ?? 0)],
          data: { "data-topic": line.name, "data-value": now[i] ?? 0 },
        })),
    });
  });
}

/** Rates are known only since the view was opened: the axis grows with them, in steps. */
function rateSpanMs(heldMs: number): number {
  return [30_000, 60_000, 120_000, 300_000].find((step) => step >= heldMs) ?? 900_000;
}

function topicsPanel() {
  const { element, table, summary, empty } = listPanel({
    id: "topics",
    title: "By topic",
    table: {
      testId: "api-topics",
      caption: "Events posted to the API, by topic",
      columns: ["Topic", ">Received", ">Accepted", ">Duplicates", ">Rejected", ">On their way"],
    },
  });
  setHidden(empty, true);
  setText(summary, "Events posted to the API since it first ran.");
  return {
    element,
    show({ status }: PipelineReport) {
      table.update(
        status.topics.filter(isWorthARow).map((entry): Row => {
          const { topic, received, accepted, duplicates, rejected, backlog } = entry;
          const counts = [received, accepted, duplicates, rejected, backlog];
          return {
            key: topic,
            cells: [topic, ...counts.map(formatCount)],
            data: { "data-topic": topic, "data-accepted": accepted, "data-rejected": rejected },
          };
        }),
      );
    },
  };
}

/** Events without a known topic get a row once there are any. */
function isWorthARow({ topic, received }: { topic: string; received: number }): boolean {
  return received > 0 || isEventTopic(topic);
}

function rejectedPanel() {
  const { element, table, summary, empty, box } = listPanel({
    id: "rejected",
    title: "Rejected events",
    table: {
      testId: "rejected-events",
      caption: "Rejected events, newest first",
      columns: ["When", "Topic", "Field", "Got", "Expected", "Event"],
    },
  });
  setText(empty, "Events with a fault show here, with what was expected.");
  return {
    element,
    show({ rejected, status }: PipelineReport) {
      setHidden(empty, rejected.length > 0);
      setHidden(box, rejected.length === 0);
      setText(summary, `${plural(status.rejected, "event")} rejected.`);
      table.update(
        rejected.map((event) => ({
          key: event.key,
          cells: [
            formatClock(event.receivedMs),
            event.topic,
            event.field,
            event.got,
            event.expected,
            event.event,
          ],
          data: { "data-topic": event.topic, "data-field": event.field },
        })),
      );
    },
  };
}

function recentPanel() {
  const { element, table, summary, empty, box } = listPanel({
    id: "recent",
    title: "Newest events",
    table: {
      testId: "recent-events",
      caption: "Accepted events, newest first",
      columns: ["When", "Topic", "Event"],
    },
  });
  setText(empty, "Accepted events show here as they come.");
  return {
    element,
    show({ recent }: PipelineReport) {
      setHidden(empty, recent.length > 0);
      setHidden(box, recent.length === 0);
      setText(summary, `The newest ${recent.length} accepted events.`);
      table.update(
        recent.map((event) => ({
          key: event.key,
          cells: [formatClock(event.receivedMs), event.topic, event.event],
          data: { "data-topic": event.topic },
        })),
      );
    },
  };
}
