/** The only file that touches ECharts: an element, an option, and nothing else. */
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { ChartOption } from "../charts/option.ts";
import { FONT_FAMILY } from "../charts/theme.ts";

echarts.use([BarChart, CustomChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

export interface Chart {
  /** Draws an option. Series are matched by id, so what stays the same is not redrawn from zero. */
  draw(option: ChartOption): void;
  /** Calls back with the name of the datum that was clicked. */
  onPick(handler: (name: string) => void): void;
  /** The chart as a PNG data URL on the given background. */
  toPng(background: string): string;
  dispose(): void;
}

const PNG_PIXEL_RATIO = 2;

/** Puts a chart into an element and keeps it as large as the element. */
export function createChart(element: HTMLElement): Chart {
  const chart = echarts.init(element, null, { renderer: "canvas" });
  chart.setOption({ textStyle: { fontFamily: FONT_FAMILY } });
  let size = "";
  const observer = new ResizeObserver(([entry]) => {
    const { width = 0, height = 0 } = entry?.contentRect ?? {};
    if (width === 0 || height === 0 || size === `${width}×${height}`) return;
    size = `${width}×${height}`;
    chart.resize({ animation: { duration: 0 } });
  });
  observer.observe(element);
  return {
    draw: (option) => {
      chart.setOption(option, { replaceMerge: ["series"], lazyUpdate: true });
    },
    onPick: (handler) => {
      chart.on("click", (event) => {
        if (event.name !== "") handler(event.name);
      });
    },
    toPng: (background) =>
      chart.getDataURL({ pixelRatio: PNG_PIXEL_RATIO, backgroundColor: background }),
    dispose: () => {
      observer.disconnect();
      chart.dispose();
    },
  };
}
