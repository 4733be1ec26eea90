/** The bar that shows while the page is paused: which moment is on show, and a way to another one. */
import { formatAge, formatClock } from "../format.ts";
import { h, setAttributes, setHidden, setText } from "./dom.ts";

export interface ScrubberContent {
  readonly atMs: number;
  readonly oldestMs: number;
  readonly newestMs: number;
  readonly nowMs: number;
}

export interface Scrubber {
  readonly element: HTMLElement;
  /** Hides without content. */
  update(content: ScrubberContent | undefined): void;
}

const STEP_MS = 5_000;

/** Makes the bar. */
export function createScrubber(onMove: (atMs: number) => void): Scrubber {
  const label = h("output", { "data-testid": "paused-at" });
  const input = h("input", { type: "range", step: STEP_MS, "aria-label": "Moment on show" });
  input.addEventListener("input", () => onMove(input.valueAsNumber));
  const element = h(
    "div",
    { class: "scrubber", role: "group", "aria-label": "Paused" },
    label,
    input,
  );
  setHidden(element, true);
  return {
    element,
    update(content) {
      setHidden(element, content === undefined);
      if (content === undefined) return;
      const { atMs, oldestMs, newestMs, nowMs } = content;
      setText(label, `Paused at ${formatClock(atMs)}, ${formatAge(nowMs - atMs)} ago`);
      setAttributes(input, {
        min: Math.min(oldestMs, atMs),
        max: Math.max(newestMs, atMs),
        "aria-valuetext": formatClock(atMs),
      });
      if (input.valueAsNumber !== atMs) input.value = String(atMs);
    },
  };
}
