/** What the page is narrowed down to, each with a way to take it away. */
import { h, setHidden } from "./dom.ts";

export interface Chip {
  readonly name: string;
  readonly value: string;
  /** The address without it. */
  readonly href: string;
}

export interface FilterChips {
  readonly element: HTMLElement;
  update(chips: readonly Chip[]): void;
}

/** Makes the row of chips; hidden while there is none. */
export function createFilterChips(): FilterChips {
  const element = h("div", { class: "chips", role: "group", "aria-label": "Shown only" });
  let shown: string | undefined;
  return {
    element,
    update(chips) {
      const key = JSON.stringify(chips);
      if (key === shown) return;
      shown = key;
      setHidden(element, chips.length === 0);
      element.replaceChildren(
        ...chips.map(({ name, value, href }) =>
          h(
            "a",
            { href, class: "chip", "aria-label": `Show every ${name} again, not only ${value}` },
            h("span", { class: "chip-name" }, name),
            value,
            h("span", { class: "chip-close", "aria-hidden": "true" }, "×"),
          ),
        ),
      );
    },
  };
}
