/** What a view is: made once, drawn often, thrown away when another one is shown. */
import type { Frame } from "../model/frame.ts";
import { h } from "../ui/dom.ts";
import type { FramePanel } from "./frame-panel.ts";

export interface View {
  readonly element: HTMLElement;
  /** False for a view that has its own data and is shown also while there is no insight. */
  readonly needsInsights: boolean;
  draw(frame: Frame): void;
  dispose(): void;
}

/** A view that is a grid of panels; the stylesheet places them by the view's name. */
export function panelView(name: string, panels: readonly FramePanel[], top?: FramePanel): View {
  const grid = h("div", { class: "grid" }, ...panels.map((panel) => panel.element));
  const all = top === undefined ? panels : [top, ...panels];
  return {
    element: h("div", { class: `view ${name}` }, ...(top === undefined ? [] : [top.element]), grid),
    needsInsights: true,
    draw(frame) {
      for (const panel of all) panel.draw(frame);
    },
    dispose() {
      for (const panel of all) panel.dispose();
    },
  };
}
