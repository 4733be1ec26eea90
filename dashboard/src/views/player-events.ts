/** The newest events of one player, from the live debugger. */
import { readRecent } from "../data/pipeline.ts";
import type { Config } from "../config.ts";
import { formatClock, plural } from "../format.ts";
import type { FramePanel } from "./frame-panel.ts";
import { listPanel } from "./lists.ts";

const ASK_EVERY_MS = 3_000;

/** Makes the panel and starts asking. */
export function createPlayerEvents(config: Config, player: string): FramePanel {
  const closed = new AbortController();
  const list = listPanel({
    id: "player-events",
    title: "Newest events",
    table: {
      testId: "player-events",
      caption: "The player's newest events, newest first",
      columns: ["When", "Topic", "Event"],
    },
    empty: "None among the newest events that were posted to the API.",
  });
  async function ask(): Promise<void> {
    try {
      const events = (await readRecent(config, closed.signal)).filter(
        (event) => event.fields["player_id"] === player,
      );
      list.show({
        summary: `${plural(events.length, "event")} among the newest posted to the API.`,
        rows: events.map((event) => ({
          key: event.key,
          cells: [formatClock(event.receivedMs), event.topic, event.event],
          data: { "data-topic": event.topic },
        })),
      });
    } catch (error) {
      if (closed.signal.aborted) return;
      list.show({ summary: error instanceof Error ? error.message : "No answer.", rows: [] });
    }
  }
  void ask();
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") void ask();
  }, ASK_EVERY_MS);
  return {
    element: list.element,
    draw: () => undefined,
    dispose() {
      clearInterval(timer);
      closed.abort();
    },
  };
}
