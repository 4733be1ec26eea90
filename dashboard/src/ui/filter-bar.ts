/** What the page is narrowed down to: one select per filter, the same on every view. */
import type { FilterChoice } from "../model/choices.ts";
import type { Filter, FilterName } from "../route.ts";
import { h, setAttributes, setHidden } from "./dom.ts";

export interface FilterBar {
  readonly element: HTMLElement;
  /** @param useful the filters that make a difference on this view */
  update(choices: readonly FilterChoice[], chosen: Filter, useful: readonly FilterName[]): void;
}

/** Makes the bar; a filter without anything to choose from is not shown. */
export function createFilterBar(
  onChoose: (name: FilterName, value: string | undefined) => void,
): FilterBar {
  const clear = h(
    "button",
    { type: "button", class: "quiet", "data-testid": "clear-filters" },
    "Clear",
  );
  const element = h("div", { class: "filters", role: "group", "aria-label": "Filters" }, clear);
  const selects = new Map<FilterName, { select: HTMLSelectElement; shown: string }>();
  let chosenNow: Filter = {};
  clear.addEventListener("click", () => {
    for (const name of Object.keys(chosenNow)) onChoose(name as FilterName, undefined);
  });

  function selectOf(name: FilterName, label: string) {
    const known = selects.get(name);
    if (known !== undefined) return known;
    const select = h("select", { "aria-label": label, "data-testid": `filter-${name}` });
    select.addEventListener("change", () => onChoose(name, select.value || undefined));
    clear.before(select);
    const made = { select, shown: "" };
    selects.set(name, made);
    return made;
  }

  return {
    element,
    update(choices, chosen, useful) {
      let any = false;
      chosenNow = chosen;
      setHidden(clear, Object.keys(chosen).length === 0);
      for (const { name, label, options } of choices) {
        const entry = selectOf(name, label);
        const value = chosen[name] ?? "";
        const known = value === "" || options.some((option) => option.value === value);
        const all = known ? options : [...options, { value, text: value }];
        const key = JSON.stringify([all, value]);
        const idle = !useful.includes(name);
        const hidden = all.length === 0 || (idle && value === "");
        any ||= !hidden;
        setHidden(entry.select, hidden);
        setAttributes(entry.select, {
          "data-idle": idle,
          title: idle && "This view is not narrowed down by it",
        });
        if (key === entry.shown || document.activeElement === entry.select) continue;
        entry.shown = key;
        entry.select.replaceChildren(
          h("option", { value: "" }, label),
          ...all.map((option) => h("option", { value: option.value }, option.text)),
        );
        entry.select.value = value;
        setAttributes(entry.select, { "data-chosen": value !== "" });
      }
      setHidden(element, !any);
    },
  };
}
