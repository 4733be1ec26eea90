/**
 * A panel: a heading, one quiet sentence that says what the chart shows, the chart, and the same
 * data as a table. The table is always there for screen readers; a button brings it into view.
 */
import type { ChartOption } from "../charts/option.ts";
import { createChart, type Chart } from "./chart.ts";
import { blobOf, download } from "./download.ts";
import { createTable, type DataTable, type Row, type TableOptions } from "./data-table.ts";
import { h, setAttributes, setHidden, setText } from "./dom.ts";
import { createLegend, type LegendEntry } from "./legend.ts";

export interface PanelOptions {
  /** Names the grid area and the ids. */
  readonly id: string;
  readonly title: string;
  /** Shown while there is nothing to draw. */
  readonly empty: string;
  readonly table: TableOptions;
  /** On a page narrower than this the picture cannot be read: the table is shown at first. */
  readonly tableBelowPx?: number;
  /** Called with the name of the datum that was clicked in the chart. */
  readonly onPick?: (name: string) => void;
}

/** What a panel shows at one moment. */
export interface PanelContent {
  readonly summary: string;
  readonly option: () => ChartOption;
  readonly rows: () => readonly Row[];
  readonly legend?: readonly LegendEntry[];
  readonly isEmpty: boolean;
  /** What the rows are made of; as long as it is the same, they are not made again. */
  readonly basis: readonly unknown[];
  /** True for a chart that depends on nothing but the basis: it has no axis that glides. */
  readonly still?: boolean;
}

export interface Panel {
  readonly element: HTMLElement;
  update(content: PanelContent): void;
  /** Size of the plot in CSS pixels. */
  plotSize(): { readonly width: number; readonly height: number };
  dispose(): void;
}

/** Makes a chart panel. */
export function createPanel(options: PanelOptions): Panel {
  const table = createTable(options.table);
  const parts = panelParts(options, table);
  const { element, legend, summary, plot, empty, tableBox, toggle, png } = parts;
  let chart: Chart | undefined;
  let basis: readonly unknown[] = [];
  let asTable = false;
  png.addEventListener("click", () => {
    if (chart === undefined) return;
    const picture = chart.toPng(getComputedStyle(element).backgroundColor);
    download(`arenaflow-${options.id}.png`, blobOf(picture));
  });
  const showTable = (wanted: boolean): void => {
    asTable = wanted;
    setAttributes(toggle, { "aria-pressed": String(asTable) });
    element.classList.toggle("as-table", asTable);
    tableBox.classList.toggle("visually-hidden", !asTable);
    setAttributes(tableBox, { tabindex: asTable ? 0 : -1 });
  };
  toggle.addEventListener("click", () => showTable(!asTable));
  if (options.tableBelowPx !== undefined && innerWidth < options.tableBelowPx) showTable(true);

  return {
    element,
    update(content) {
      setText(summary, content.summary);
      setHidden(empty, !content.isEmpty);
      legend.update(content.legend ?? []);
      const same =
        content.basis.length === basis.length &&
        content.basis.every((part, i) => part === basis[i]);
      basis = content.basis;
      if (!same) table.update(content.rows());
      element.classList.toggle("is-empty", content.isEmpty);
      if (content.isEmpty && chart === undefined) return;
      if (chart === undefined) {
        chart = createChart(plot);
        if (options.onPick !== undefined) chart.onPick(options.onPick);
      }
      if (!same || content.still !== true) chart.draw(content.option());
    },
    plotSize: () => ({ width: plot.clientWidth, height: plot.clientHeight }),
    dispose: () => chart?.dispose(),
  };
}

/** The elements of a panel, put together. */
function panelParts(options: PanelOptions, table: DataTable) {
  const legend = createLegend();
  const summary = h("p", { class: "summary", id: `${options.id}-summary` });
  const plot = h("div", { class: "plot" });
  const empty = h("p", { class: "empty" }, options.empty);
  const tableBox = h(
    "div",
    {
      class: "table-box visually-hidden",
      tabindex: -1,
      role: "group",
      "aria-label": options.table.caption,
    },
    table.element,
  );
  const figure = h(
    "div",
    { class: "figure" },
    h(
      "div",
      {
        class: "plot-box",
        role: "img",
        "aria-labelledby": `${options.id}-title`,
        "aria-describedby": `${options.id}-summary`,
      },
      plot,
    ),
    empty,
    tableBox,
  );
  const toggle = h(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-pressed": "false",
      "aria-label": `${options.title}: show as table`,
    },
    "Table",
  );
  const png = saveButton(options.title, "PNG");
  const saves = h("div", { class: "save" }, png, csvButton(options.id, options.title, table));
  const element = h(
    "section",
    { class: `panel area-${options.id}`, "aria-labelledby": `${options.id}-title` },
    h(
      "header",
      { class: "panel-head" },
      h("h2", { id: `${options.id}-title` }, options.title),
      legend.element,
      h("div", { class: "panel-tools" }, saves, toggle),
    ),
    summary,
    figure,
  );
  return { element, legend, summary, plot, empty, tableBox, toggle, png };
}

function saveButton(title: string, format: "PNG" | "CSV"): HTMLButtonElement {
  const label = `${title}: save as ${format}`;
  return h("button", { type: "button", class: "quiet", "aria-label": label }, format);
}

/** Saves what a table holds. */
export function csvButton(id: string, title: string, table: DataTable): HTMLButtonElement {
  const button = saveButton(title, "CSV");
  button.addEventListener("click", () =>
    download(`arenaflow-${id}.csv`, new Blob([table.toCsv()], { type: "text/csv" })),
  );
  return button;
}
