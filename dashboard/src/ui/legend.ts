/** Which colour is what: names beside marks. */
import { markClass } from "../charts/option.ts";
import type { Palette } from "../charts/theme.ts";
import { h, setAttributes, setHidden, setText } from "./dom.ts";

export interface LegendEntry {
  readonly name: string;
  readonly slot: number | undefined;
  readonly palette?: Palette;
}

export interface Legend {
  readonly element: HTMLElement;
  update(entries: readonly LegendEntry[]): void;
}

/** More ordered entries than this become a scale: marks side by side, only the ends named. */
const NAMED_MAX = 8;

/** Makes an empty legend. */
export function createLegend(): Legend {
  const element = h("ul", { class: "legend", "aria-label": "Colours" });
  return {
    element,
    update(entries) {
      while (element.children.length > entries.length) element.lastElementChild?.remove();
      setHidden(element, entries.length === 0);
      const ordered = entries.filter(
        (entry) => entry.palette === "steps" && entry.slot !== undefined,
      );
      const ends = ordered.length > NAMED_MAX ? [ordered[0], ordered.at(-1)] : undefined;
      entries.forEach(({ name, slot, palette }, i) => {
        let item = element.children[i];
        if (item === undefined) {
          item = h("li", {}, h("i", { class: "mark", "aria-hidden": "true" }), h("span"));
          element.append(item);
        }
        const [mark, label] = item.children;
        if (mark !== undefined) setAttributes(mark, { class: `mark ${markClass(slot, palette)}` });
        if (label === undefined) return;
        setText(label, name);
        const inner =
          ends !== undefined && slot !== undefined && ends.every((end) => end?.name !== name);
        setAttributes(label, { class: inner && "visually-hidden" });
        setAttributes(item, { class: inner && "inner", title: inner && name });
      });
    },
  };
}
