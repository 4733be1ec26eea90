/** What stands in place of the charts while there is nothing to chart: why, and what to do. */
import type { PageStatus } from "../data/connection.ts";
import { h, setHidden, setText } from "./dom.ts";

export interface Welcome {
  readonly element: HTMLElement;
  update(status: PageStatus, visible: boolean): void;
}

/** The command that sends a first event, as it can be pasted into a shell. */
export function curlLine(api: string, key: string): string {
  // Only the local key may also write; elsewhere the reader has a write key of their own.
  const token = key === "dev" ? "dev" : "<write key>";
  const event = {
    player_id: "12345",
    session_id: "abcd1234",
    event_type: "move",
    level_id: "level_01",
    map_id: "map_05",
    timestamp: "2024-11-12T10:00:00Z",
  };
  return [
    `curl ${api}/v1/events/player-events \\`,
    `  -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(event).replace(',"level_id"', ',\n    "level_id"')}'`,
  ].join("\n");
}

/** Makes the card. */
export function createWelcome(command: string): Welcome {
  const title = h("h2", {}, "Connecting");
  const detail = h("p", {}, "");
  const code = h("code", {}, command);
  const copy = h("button", { type: "button", class: "tool" }, "Copy");
  copy.addEventListener("click", () => {
    navigator.clipboard.writeText(command).then(
      () => setText(copy, "Copied"),
      () => setText(copy, "Select and copy"),
    );
  });
  const first = h(
    "div",
    { class: "first-event", "data-testid": "first-event" },
    h("p", {}, "Send a first event; it shows here a few seconds later:"),
    h("pre", {}, code),
    copy,
  );
  const element = h(
    "section",
    { class: "welcome", "data-testid": "welcome" },
    title,
    detail,
    first,
  );
  return {
    element,
    update(status, visible) {
      setHidden(element, !visible);
      if (!visible) return;
      setText(title, status.label);
      setText(detail, status.detail);
      setHidden(first, status.kind !== "empty");
    },
  };
}
