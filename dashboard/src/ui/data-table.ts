/**
 * A table whose rows are kept by key: cells change in place, rows move, nothing is rebuilt. It is
 * what screen readers and browser tests read, and what a chart turns into on request.
 */
import { csvOf } from "../csv.ts";
import { h, setAttributes, setText, type Attributes } from "./dom.ts";

export interface Row {
  readonly key: string;
  /** One text per column. */
  readonly cells: readonly string[];
  /** `data-…` attributes: the exact values behind the texts. */
  readonly data: Attributes;
  /** Where the first cell leads. */
  readonly href?: string;
  /** What the first cell does as a button; instead of `href`. */
  readonly pick?: () => void;
  /** What a cell says in full, where its text is cut. */
  readonly titles?: readonly (string | undefined)[];
  /** The ids behind cells that show a name: what the pointer is told, and a spreadsheet gets. */
  readonly ids?: readonly (string | undefined)[];
}

export interface DataTable {
  readonly element: HTMLTableElement;
  /** What is in it now, for a spreadsheet. */
  toCsv(): string;
  update(rows: readonly Row[]): void;
}

export interface TableOptions {
  readonly testId: string;
  readonly caption: string;
  /** Column headings: a leading ">" sets numbers to the right, a "~" before it leaves a column out on a phone. */
  readonly columns: readonly string[];
}

/** Rows beyond this are not shown: nobody reads them, and every one costs layout. */
const ROWS_MAX = 300;

/** Makes an empty table. */
export function createTable(options: TableOptions): DataTable {
  const names = options.columns.map((column) => column.replace(/^~?>?/, ""));
  const classes = options.columns.map((column) => classOf(column));
  const heads = names.map((name, i) => h("th", { scope: "col", class: classes[i] }, name));
  const body = h("tbody");
  const element = h(
    "table",
    { class: "data", "data-testid": options.testId },
    h("caption", { class: "visually-hidden" }, options.caption),
    h("thead", {}, h("tr", {}, ...heads)),
    body,
  );
  const known = new Map<string, HTMLTableRowElement>();

  function rowOf(row: Row): HTMLTableRowElement {
    let element_ = known.get(row.key);
    if (element_ === undefined) {
      element_ = h(
        "tr",
        {},
        ...row.cells.map((_, i) =>
          i === 0 ? h("th", { scope: "row" }) : h("td", { class: classes[i] }),
        ),
      );
      known.set(row.key, element_);
    }
    setAttributes(element_, row.data);
    row.cells.forEach((text, i) => {
      const cell = element_.cells[i];
      if (cell === undefined) return;
      if (i === 0 && row.pick !== undefined) setButton(cell, text, row.pick);
      else if (i > 0 || row.href === undefined) setText(cell, text);
      else setLink(cell, text, row.href);
      const title = row.titles?.[i] ?? row.ids?.[i];
      if (row.titles !== undefined || row.ids !== undefined) setAttributes(cell, { title });
    });
    return element_;
  }

  let current: readonly Row[] = [];
  return {
    element,
    toCsv: () =>
      csvOf([names, ...current.map(({ cells, ids }) => cells.map((text, i) => ids?.[i] ?? text))]),
    update(rows) {
      current = rows;
      const shown = rows.slice(0, ROWS_MAX);
      const keys = new Set(shown.map((row) => row.key));
      for (const [key, row] of known) {
        if (keys.has(key)) continue;
        row.remove();
        known.delete(key);
      }
      shown.forEach((row, i) => {
        const element_ = rowOf(row);
        if (body.rows[i] !== element_) body.insertBefore(element_, body.rows[i] ?? null);
      });
    },
  };
}

function classOf(column: string): string | undefined {
  const classes = [column.startsWith("~") ? "minor" : "", /^~?>/.test(column) ? "number" : ""];
  return classes.filter((name) => name !== "").join(" ") || undefined;
}

function setLink(cell: HTMLElement, text: string, href: string): void {
  let link = cell.firstElementChild;
  if (link === null) {
    link = h("a");
    cell.replaceChildren(link);
  }
  setText(link, text);
  setAttributes(link, { href });
}

/** The button is kept with its row, and a row's key stands for what it does. */
function setButton(cell: HTMLElement, text: string, pick: () => void): void {
  let button = cell.firstElementChild;
  if (button === null) {
    button = h("button", { type: "button", class: "pick" });
    button.addEventListener("click", pick);
    cell.replaceChildren(button);
  }
  setText(button, text);
}
