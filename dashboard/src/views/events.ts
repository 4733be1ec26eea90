/**
 * The live debugger: the newest events that were posted to the API, accepted and rejected with the
 * reason, to search, to look into, and to send through the checks once more.
 */
import { EVENT_TOPICS } from "@arenaflow/events";
import type { Config } from "../config.ts";
import {
  readRecent,
  readRejected,
  replayRejected,
  type RecentEvent,
  type RejectedEvent,
} from "../data/pipeline.ts";
import { formatClock, formatCount, plural } from "../format.ts";
import { fieldsOf, matches, prettyEvent, type EventFilter } from "../model/event-filter.ts";
import type { Filter } from "../route.ts";
import { h, setAttributes, setText } from "../ui/dom.ts";
import { listPanel } from "./lists.ts";
import type { View } from "./view.ts";

const ASK_EVERY_MS = 1_500;

/** Makes the view and starts asking. */
export function createEvents(config: Config): View {
  const closed = new AbortController();
  let filter: Filter = {};
  let recent: readonly RecentEvent[] = [];
  let rejected: readonly RejectedEvent[] = [];
  const inspector = createInspector();
  const inspect: Show = (title, event) => inspector.show(title, event);
  const accepted = acceptedList(inspect);
  const refused = rejectedList(inspect, async (topic) => replayRejected(config, topic));
  const bar = createBar(() => {
    show();
    if (!bar.held()) void ask();
  });

  function show(): void {
    const wanted = { filter, ...bar.wanted() };
    accepted.show(recent, wanted);
    const first = recent[0];
    if (first !== undefined && inspector.isEmpty())
      inspect(`${first.topic}, the newest when this view was opened`, first.event);
    refused.show(rejected, wanted);
  }
  async function ask(): Promise<void> {
    try {
      [recent, rejected] = await Promise.all([
        readRecent(config, closed.signal),
        readRejected(config, closed.signal),
      ]);
      if (closed.signal.aborted) return;
      bar.say(`Asked at ${formatClock(Date.now())}.`);
      show();
    } catch (error) {
      if (!closed.signal.aborted) bar.say(error instanceof Error ? error.message : "No answer.");
    }
  }
  void ask();
  const timer = setInterval(() => {
    if (document.visibilityState === "visible" && !bar.held()) void ask();
  }, ASK_EVERY_MS);

  return {
    needsInsights: false,
    element: h(
      "div",
      { class: "view events" },
      bar.element,
      h("div", { class: "grid" }, accepted.element, refused.element, inspector.element),
    ),
    draw(frame) {
      if (frame.filter === filter) return;
      filter = frame.filter;
      show();
    },
    dispose() {
      clearInterval(timer);
      closed.abort();
    },
  };
}

/** What to look for, and whether to go on asking. */
function createBar(onChange: () => void) {
  const text = h("input", {
    type: "search",
    placeholder: "Player, item, any text",
    "aria-label": "Search events",
    "data-testid": "event-search",
  });
  const topic = h(
    "select",
    { "aria-label": "Topic", "data-testid": "event-topic" },
    h("option", { value: "" }, "All topics"),
    ...EVENT_TOPICS.map((name) => h("option", { value: name }, name)),
  );
  const hold = h("button", { type: "button", class: "tool", "aria-pressed": "false" }, "Hold");
  const said = h("p", { class: "said", role: "status" });
  text.addEventListener("input", onChange);
  topic.addEventListener("change", onChange);
  hold.addEventListener("click", () => {
    const held = hold.getAttribute("aria-pressed") !== "true";
    setAttributes(hold, { "aria-pressed": String(held) });
    setText(hold, held ? "Go on" : "Hold");
    onChange();
  });
  return {
    element: h(
      "div",
      { class: "event-bar", role: "search", "aria-label": "Events" },
      text,
      topic,
      hold,
      said,
    ),
    wanted: (): Omit<EventFilter, "filter"> => ({ topic: topic.value, text: text.value.trim() }),
    held: () => hold.getAttribute("aria-pressed") === "true",
    say: (words: string) => setText(said, words),
  };
}

type Show = (title: string, event: string) => void;

function acceptedList(inspect: Show) {
  const list = listPanel({
    id: "recent",
    title: "Accepted",
    table: {
      testId: "recent-events",
      caption: "Accepted events, newest first",
      columns: ["When", "Topic", "Event"],
    },
    empty:
      "Events that are posted to the API show here. The simulated game of the local stack goes past it; npx arenaflow generate --post sends through it.",
  });
  return {
    element: list.element,
    show(events: readonly RecentEvent[], wanted: EventFilter) {
      const found = events.filter((event) => matches({ ...event, text: event.event }, wanted));
      list.show({
        summary: foundWords(found.length, events.length, "accepted event"),
        rows: found.map((event) => ({
          key: event.key,
          pick: () =>
            inspect(`${event.topic}, accepted at ${formatClock(event.receivedMs)}`, event.event),
          cells: [formatClock(event.receivedMs), event.topic, event.event],
          data: { "data-topic": event.topic, "data-received": event.receivedMs },
        })),
      });
    },
  };
}

function rejectedList(inspect: Show, replay: (topic: string) => Promise<string>) {
  let topic = "";
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet",
      "data-testid": "replay",
      title: "Judges every rejected event again, after a fix",
    },
    "Replay",
  );
  const outcome = h("span", { class: "outcome", role: "status", "data-testid": "replay-outcome" });
  button.addEventListener("click", () => {
    setAttributes(button, { disabled: true });
    setText(outcome, "Replaying …");
    void replayAndTell();
  });
  async function replayAndTell(): Promise<void> {
    try {
      setText(outcome, await replay(topic));
    } catch (error) {
      setText(outcome, `Not replayed: ${error instanceof Error ? error.message : "no answer"}`);
    }
    setAttributes(button, { disabled: false });
  }
  const list = listPanel({
    id: "rejected",
    title: "Rejected",
    tools: [outcome, button],
    table: {
      testId: "rejected-events",
      caption: "Rejected events, newest first",
      columns: ["When", "~Topic", "Field", "Got", "Expected", "~Event"],
    },
    empty: "Events with a fault show here, with what was expected.",
  });
  return {
    element: list.element,
    show(events: readonly RejectedEvent[], wanted: EventFilter) {
      ({ topic } = wanted);
      const found = events.filter((event) =>
        matches(
          {
            topic: event.topic,
            text: `${event.event} ${event.field} ${event.code}`,
            fields: fieldsOf(event.event),
          },
          wanted,
        ),
      );
      list.show({
        summary: foundWords(found.length, events.length, "rejected event"),
        rows: found.map((event) => ({
          key: event.key,
          pick: () =>
            inspect(
              `${event.topic}: “${event.field}” is ${event.got}, expected ${event.expected}`,
              event.event,
            ),
          cells: [
            formatClock(event.receivedMs),
            event.topic,
            event.field,
            event.got,
            event.expected,
            event.event,
          ],
          data: { "data-topic": event.topic, "data-field": event.field, "data-code": event.code },
        })),
      });
    },
  };
}

function foundWords(found: number, all: number, what: string): string {
  return found === all
    ? `The newest ${plural(all, what)}.`
    : `${formatCount(found)} of the newest ${plural(all, what)}.`;
}

/** One event in full. */
function createInspector() {
  const title = h("p", { class: "summary" }, "Choose one by its time to see it in full.");
  const code = h("code", { "data-testid": "event-in-full" });
  return {
    element: h(
      "section",
      { class: "panel area-inspector", "aria-labelledby": "inspector-title" },
      h("header", { class: "panel-head" }, h("h2", { id: "inspector-title" }, "Event")),
      title,
      h("pre", { tabindex: 0, role: "group", "aria-label": "The event in full" }, code),
    ),
    isEmpty: () => code.textContent === "",
    show(words: string, event: string) {
      setText(title, words);
      setText(code, prettyEvent(event));
    },
  };
}
