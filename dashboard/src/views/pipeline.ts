/**
 * What the API received and what became of it: the account of events, the dataflows as a live graph,
 * and what each of them counted. The API's counters are asked for while the view is open.
 */
import type { Config } from "../config.ts";
import { readStatus, type EdgeStatus } from "../data/pipeline.ts";
import type { Frame } from "../model/frame.ts";
import { addSample } from "../model/rates.ts";
import { h } from "../ui/dom.ts";
import { accountBar, ratePanel, topicsPanel } from "./api-panels.ts";
import { dataflowPanel, operatorsPanel, readAccount, readingPanel } from "./dataflow-panels.ts";
import type { View } from "./view.ts";

const ASK_EVERY_MS = 2_000;

/** Makes the view and starts asking. */
export function createPipeline(config: Config): View {
  const closed = new AbortController();
  let samples: readonly EdgeStatus[] = [];
  let frame: Frame | undefined;
  const account = accountBar();
  const topics = topicsPanel();
  const panels = [
    readAccount(),
    dataflowPanel(),
    readingPanel(),
    ratePanel(() => samples),
    operatorsPanel(),
  ];

  async function ask(): Promise<void> {
    try {
      const status = await readStatus(config, closed.signal);
      samples = addSample(samples, status);
      account.show(status);
      topics.show(status);
      if (frame !== undefined) for (const panel of panels) panel.draw(frame);
    } catch (error) {
      if (!closed.signal.aborted)
        account.fail(error instanceof Error ? error.message : "no answer");
    }
  }
  void ask();
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void ask();
  }, ASK_EVERY_MS);

  const [read, graph, reading, rate, operators] = panels.map((panel) => panel.element);
  return {
    needsInsights: false,
    element: h(
      "div",
      { class: "view pipeline" },
      h("div", { class: "accounts" }, account.element, ...(read === undefined ? [] : [read])),
      h(
        "div",
        { class: "grid" },
        ...[graph, reading, topics.element, rate, operators].filter((part) => part !== undefined),
      ),
    ),
    draw(next) {
      frame = next;
      for (const panel of panels) panel.draw(next);
    },
    dispose() {
      clearInterval(timer);
      closed.abort();
      for (const panel of panels) panel.dispose();
    },
  };
}
