/** The two kinds of panel that the dashboards are made of, and their places in Grafana's 24 columns. */
import {
  ReduceDataOptionsBuilder,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DashboardBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { GRAPHITE, GraphiteQueryBuilder } from "./graphite-query.ts";

const COLUMNS = 24;

/** From a value on, a colour; the first has none and holds below all others. */
export type Steps = readonly (readonly [from: number | null, colour: string])[];

export interface PanelOptions {
  readonly title: string;
  /** What it says and what to make of it. */
  readonly description: string;
  /** Graphite's expressions; `$name` is a variable. */
  readonly targets: readonly string[];
  /** Of Grafana's units, such as `ms`. */
  readonly unit: string;
  readonly steps?: Steps;
  readonly decimals?: number;
}

interface Made {
  readonly kind: "stat" | "lines";
  readonly options: PanelOptions;
  /** What a single number is of the series: its newest value, its sum, its greatest. */
  readonly reducer?: "lastNotNull" | "sum" | "max";
}

/** One number, with its course behind it. */
export function number(
  options: PanelOptions & { readonly reducer?: "lastNotNull" | "sum" | "max" },
): Made {
  return { kind: "stat", options, reducer: options.reducer ?? "lastNotNull" };
}

/** Lines over time. */
export function lines(options: PanelOptions): Made {
  return { kind: "lines", options };
}

/** Adds rows of panels from top to bottom; the panels of a row are equally wide. */
export function addRows(
  dashboard: DashboardBuilder,
  rows: readonly { readonly height: number; readonly panels: readonly Made[] }[],
): void {
  let id = 0;
  let y = 0;
  for (const { height, panels } of rows) {
    const w = COLUMNS / panels.length;
    if (!Number.isInteger(w))
      throw new RangeError(`${panels.length} panels do not share 24 columns`);
    panels.forEach((made, at) => {
      id += 1;
      const panel = made.kind === "stat" ? stat(made) : timeSeries(made.options);
      dashboard.withPanel(panel.id(id).gridPos({ x: at * w, y, w, h: height }));
    });
    y += height;
  }
}

function common<B extends StatBuilder | TimeSeriesBuilder>(builder: B, options: PanelOptions): B {
  builder
    .title(options.title)
    .description(options.description)
    .unit(options.unit)
    .datasource(GRAPHITE)
    .interval("10s");
  if (options.decimals !== undefined) builder.decimals(options.decimals);
  if (options.steps !== undefined) {
    const steps = options.steps.map(([value, color]) => ({ value, color }));
    builder.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
  }
  options.targets.forEach((target, at) => {
    builder.withTarget(new GraphiteQueryBuilder(String.fromCodePoint(65 + at), target));
  });
  return builder;
}

function stat({ options, reducer = "lastNotNull" }: Made): StatBuilder {
  const builder = common(new StatBuilder(), options);
  return builder.reduceOptions(new ReduceDataOptionsBuilder().calcs([reducer]).values(false));
}

function timeSeries(options: PanelOptions): TimeSeriesBuilder {
  // A point is due every ten seconds: gaps up to a minute are bridged, longer ones shown.
  const BRIDGED_MS = 60_000;
  return common(new TimeSeriesBuilder(), options)
    .lineWidth(1)
    .fillOpacity(8)
    .spanNulls(BRIDGED_MS)
    .legend(new VizLegendOptionsBuilder().showLegend(true).calcs(["lastNotNull", "max"]));
}
