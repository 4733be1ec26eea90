/** A sum that has to come out: the whole, its parts, and whether anything is missing. */
import { formatCount } from "../format.ts";
import { h, setAttributes, setText } from "../ui/dom.ts";

export interface AccountLine {
  readonly element: HTMLElement;
  /** One number per part, the whole first. */
  show(numbers: readonly number[]): void;
  judge(words: string, ok: boolean): void;
}

/** Makes the line; its numbers are found by `<testId>-<part>`. */
export function accountLine(options: {
  readonly label: string;
  readonly parts: readonly string[];
  readonly testId: string;
}): AccountLine {
  const values = options.parts.map((part) =>
    h(
      "span",
      { class: "value", "data-testid": `${options.testId}-${part.replace(" ", "-")}` },
      "–",
    ),
  );
  const verdict = h("p", { class: "verdict", "data-testid": `${options.testId}-verdict` }, "");
  const parts = options.parts.flatMap((part, i) => [
    ...(i === 0 ? [] : [h("span", { class: "sign", "aria-hidden": "true" }, i === 1 ? "=" : "+")]),
    h("div", { class: "part" }, h("span", { class: "label" }, part), values[i] ?? ""),
  ]);
  return {
    element: h(
      "section",
      { class: "panel account", "aria-label": options.label },
      ...parts,
      verdict,
    ),
    show(numbers) {
      values.forEach((value, i) => {
        setText(value, formatCount(numbers[i] ?? 0));
        setAttributes(value, { "data-value": numbers[i] ?? 0 });
      });
    },
    judge(words, ok) {
      setAttributes(verdict, { "data-tone": ok ? "ok" : "hot" });
      setText(verdict, words);
    },
  };
}
