/** The top of every view: what this is, whether it is alive, and what is on show. */
import type { PageStatus } from "../data/connection.ts";
import { h, setAttributes, setHidden, setText, svg } from "./dom.ts";

const RANGES = [
  { minutes: 1, label: "1 min" },
  { minutes: 5, label: "5 min" },
  { minutes: 15, label: "15 min" },
  { minutes: 60, label: "1 h" },
] as const;

export interface HeaderOptions {
  readonly views: readonly { readonly id: string; readonly title: string }[];
  readonly onRange: (minutes: number) => void;
  readonly onPause: () => void;
  readonly onTheme: () => void;
}

export interface HeaderContent {
  readonly status: PageStatus;
  readonly view: string;
  readonly rangeMinutes: number;
  readonly paused: boolean;
  readonly dark: boolean;
  readonly hrefOf: (view: string) => string;
}

export interface Header {
  readonly element: HTMLElement;
  update(content: HeaderContent): void;
}

/** Makes the header. */
export function createHeader(options: HeaderOptions): Header {
  const links = options.views.map(({ id, title }) => h("a", { "data-view": id }, title));
  const pill = h(
    "p",
    { class: "pill", role: "status", "data-testid": "connection", "data-state": "connecting" },
    h("i", { class: "pulse", "aria-hidden": "true" }),
  );
  const label = h("span", {}, "Connecting");
  pill.append(label);
  const detail = h("p", { class: "status-detail" });
  const ranges = RANGES.map(({ minutes, label: text }) => {
    const button = h(
      "button",
      { type: "button", "aria-pressed": "false", "data-minutes": minutes },
      text,
    );
    button.addEventListener("click", () => options.onRange(minutes));
    return button;
  });
  const pause = h("button", { type: "button", class: "tool", "aria-keyshortcuts": "p" });
  pause.addEventListener("click", options.onPause);
  const theme = h("button", { type: "button", class: "tool icon" }, themeIcon());
  theme.addEventListener("click", options.onTheme);
  const nav = h("nav", { "aria-label": "Views" }, ...links);
  let shownView: string | undefined;
  const element = h(
    "header",
    { class: "top" },
    h("a", { class: "brand", href: "#/overview" }, logo(), h("span", {}, "Arenaflow")),
    nav,
    h("div", { class: "status" }, pill, detail),
    h(
      "div",
      { class: "tools" },
      h("div", { class: "segments", role: "group", "aria-label": "Time range" }, ...ranges),
      pause,
      theme,
    ),
  );
  return {
    element,
    update({ status, view, rangeMinutes, paused, dark, hrefOf }) {
      setAttributes(pill, { "data-state": status.kind });
      setText(label, status.label);
      setText(detail, status.detail);
      setAttributes(detail, { title: status.detail });
      setHidden(detail, status.detail === "");
      for (const link of links) {
        const id = link.dataset["view"] ?? "";
        setAttributes(link, { href: hrefOf(id), "aria-current": id === view && "page" });
      }
      if (view !== shownView) {
        shownView = view;
        bringIntoSight(nav, links);
      }
      for (const button of ranges) {
        setAttributes(button, {
          "aria-pressed": String(button.dataset["minutes"] === String(rangeMinutes)),
        });
      }
      setText(pause, paused ? "Resume" : "Pause");
      setAttributes(pause, { "aria-pressed": String(paused) });
      setAttributes(theme, { "aria-label": dark ? "Use the light theme" : "Use the dark theme" });
    },
  };
}

/** On a phone the views do not all fit side by side. */
function bringIntoSight(nav: HTMLElement, links: readonly HTMLElement[]): void {
  const link = links.find((one) => one.hasAttribute("aria-current"));
  if (link !== undefined) {
    nav.scrollLeft = link.offsetLeft - nav.offsetLeft - (nav.clientWidth - link.offsetWidth) / 2;
  }
}

function logo(): SVGElement {
  return svg(
    "svg",
    { viewBox: "0 0 32 32", class: "logo", "aria-hidden": "true" },
    svg("path", { d: "M4 20c4.500 0 4.500-9 9-9s4.500 12 8.500 12S25 8 28 8" }),
  );
}

function themeIcon(): SVGElement {
  return svg(
    "svg",
    { viewBox: "0 0 20 20", "aria-hidden": "true" },
    svg("circle", { cx: 10, cy: 10, r: 6.5, class: "ring" }),
    svg("path", { d: "M10 3.500a6.500 6.500 0 0 1 0 13z", class: "half" }),
  );
}
