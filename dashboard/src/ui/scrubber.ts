/** The bar that shows while the page is paused: which moment is on show, and ways to another one. */
import { formatAge, formatMoment } from "../format.ts";
import { h, setAttributes, setHidden, setText } from "./dom.ts";

export interface ScrubberContent {
  readonly atMs: number;
  readonly oldestMs: number;
  readonly newestMs: number;
  readonly nowMs: number;
  /** What is going on, such as the reading of history; empty for nothing. */
  readonly note: string;
}

export interface Scrubber {
  readonly element: HTMLElement;
  /** Hides without content. */
  update(content: ScrubberContent | undefined): void;
}

const STEP_MS = 5_000;

const JUMPS = [
  { label: "−10 min", ms: -600_000 },
  { label: "−1 min", ms: -60_000 },
  { label: "+1 min", ms: 60_000 },
  { label: "+10 min", ms: 600_000 },
] as const;

/** Makes the bar. */
export function createScrubber(onMove: (atMs: number) => void): Scrubber {
  let shown: ScrubberContent | undefined;
  const label = h("output", { "data-testid": "paused-at" });
  const note = h("span", { class: "scrub-note", role: "status" });
  const input = h("input", { type: "range", step: STEP_MS, "aria-label": "Moment on show" });
  input.addEventListener("input", () => onMove(input.valueAsNumber));
  const buttons = JUMPS.map(({ label: text, ms }) => {
    const button = h("button", { type: "button", class: "tool" }, text);
    button.addEventListener("click", () => {
      if (shown === undefined) return;
      const { atMs, oldestMs, newestMs } = shown;
      onMove(Math.min(Math.max(atMs + ms, oldestMs), Math.max(newestMs, atMs)));
    });
    return button;
  });
  const [back10, back1, on1, on10] = buttons;
  const element = h("div", { class: "scrubber", role: "group", "aria-label": "Paused" }, label);
  for (const part of [back10, back1, input, on1, on10, note]) if (part) element.append(part);
  setHidden(element, true);
  return {
    element,
    update(content) {
      shown = content;
      setHidden(element, content === undefined);
      if (content === undefined) return;
      const { atMs, oldestMs, newestMs, nowMs } = content;
      setText(label, `${formatMoment(atMs, nowMs)}, ${formatAge(nowMs - atMs)} ago`);
      setText(note, content.note);
      setAttributes(input, {
        min: Math.min(oldestMs, atMs),
        max: Math.max(newestMs, atMs),
        "aria-valuetext": formatMoment(atMs, nowMs),
      });
      if (input.valueAsNumber !== atMs) input.value = String(atMs);
    },
  };
}
