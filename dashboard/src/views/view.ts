/** What a view is: made once, drawn often, thrown away when another one is shown. */
import type { Frame } from "../model/frame.ts";

export interface View {
  readonly element: HTMLElement;
  draw(frame: Frame): void;
  dispose(): void;
}
