/** Panels about the API itself: the account of events, their rate, and the counters by topic. */
import { EVENT_TOPICS, isEventTopic } from "@arenaflow/events";
import { linesOption, type Line } from "../charts/lines.ts";
import type { EdgeStatus } from "../data/pipeline.ts";
import { formatCompact, formatCount, formatTenth, plural } from "../format.ts";
import { acceptedRate, missingEvents } from "../model/rates.ts";
import type { Row } from "../ui/data-table.ts";
import { accountLine } from "./account-line.ts";
import { framePanel, type FramePanel } from "./frame-panel.ts";
import { listPanel } from "./lists.ts";

const PARTS = ["received", "accepted", "duplicates", "rejected"] as const;

/** "received = accepted + duplicates + rejected", with the numbers. */
export function accountBar() {
  const line = accountLine({ label: "Account of the API", parts: PARTS, testId: "api" });
  return {
    element: line.element,
    show(status: EdgeStatus) {
      line.show(PARTS.map((part) => status[part]));
      const missing = missingEvents(status);
      line.judge(
        missing === 0
          ? `Every event posted to the API is accounted for; ${formatCount(status.backlog)} on their way to the dataflows.`
          : `${plural(Math.abs(missing), "event")} not accounted for.`,
        missing === 0,
      );
    },
    fail: (words: string) => line.judge(`The counters could not be read: ${words}`, false),
  };
}

/** Accepted events a second by topic, from the samples taken while the view is open. */
export function ratePanel(samplesOf: () => readonly EdgeStatus[]): FramePanel {
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
      summary: `${formatTenth(now.reduce((sum, value) => sum + value, 0))} a second; drawn since the view opened.`,
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

/** The counters of each topic. */
export function topicsPanel() {
  const list = listPanel({
    id: "topics",
    title: "Posted to the API",
    table: {
      testId: "api-topics",
      caption: "Events posted to the API, by topic",
      columns: ["Topic", ">Received", ">Accepted", "~>Duplicates", ">Rejected", "~>On their way"],
    },
    empty: "Nothing has been posted to the API.",
  });
  return {
    element: list.element,
    show(status: EdgeStatus) {
      list.show({
        summary: "Since it first ran: received = accepted + duplicates + rejected.",
        rows: status.topics.filter(isWorthARow).map((entry): Row => {
          const { topic, received, accepted, duplicates, rejected, backlog } = entry;
          const counts = [received, accepted, duplicates, rejected, backlog];
          return {
            key: topic,
            cells: [topic, ...counts.map(formatCount)],
            data: { "data-topic": topic, "data-accepted": accepted, "data-rejected": rejected },
          };
        }),
      });
    },
  };
}

/** Events without a known topic get a row once there are any. */
function isWorthARow({ topic, received }: { topic: string; received: number }): boolean {
  return received > 0 || isEventTopic(topic);
}
