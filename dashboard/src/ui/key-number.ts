/** One number with its recent course: what the eye meets first. */
import { sparkPath } from "../charts/sparkline.ts";
import type { Point, Span } from "../model/windows.ts";
import { h, setAttributes, setText, svg } from "./dom.ts";

export type Tone = "plain" | "warn";

export interface KeyNumberContent {
  readonly value: string;
  /** The exact value, for tests. */
  readonly exact: number;
  readonly note: string;
  readonly tone?: Tone;
  readonly course: readonly Point[];
  readonly span: Span;
}

export interface KeyNumber {
  readonly element: HTMLElement;
  update(content: KeyNumberContent): void;
  /** Sets where it leads. */
  link(href: string): void;
}

const SIZE = { width: 120, height: 36 } as const;

/** Makes a tile. */
export function createKeyNumber(options: { id: string; label: string }): KeyNumber {
  const value = h("span", { class: "value", "data-testid": options.id }, "–");
  const note = h("span", { class: "note" }, " ");
  const line = svg("path", { class: "spark-line" });
  const area = svg("path", { class: "spark-area" });
  const element = h(
    "a",
    { class: `key-number key-${options.id}` },
    h("span", { class: "label" }, options.label),
    value,
    note,
    svg(
      "svg",
      {
        class: "spark",
        viewBox: `0 0 ${SIZE.width} ${SIZE.height}`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      area,
      line,
    ),
  );
  return {
    element,
    link: (href) => setAttributes(element, { href }),
    update(content) {
      setText(value, content.value);
      setAttributes(value, { "data-value": content.exact });
      setText(note, content.note);
      setAttributes(element, { "data-tone": content.tone ?? "plain" });
      const path = sparkPath(content.course, content.span, SIZE);
      setAttributes(line, { d: path.line });
      setAttributes(area, { d: path.area });
    },
  };
}
