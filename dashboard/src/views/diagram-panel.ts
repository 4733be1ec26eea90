/** A panel whose picture is laid out for the size it has. */
import { diagramOption, type Shape } from "../charts/diagram.ts";
import type { ChartTheme } from "../charts/theme.ts";
import type { Frame } from "../model/frame.ts";
import type { PanelContent } from "../ui/panel.ts";
import { basisOf, framePanel, type FramePanel, type FramePanelOptions } from "./frame-panel.ts";

export interface Room {
  readonly width: number;
  readonly height: number;
  readonly theme: ChartTheme;
}

export interface DiagramContent extends Pick<
  PanelContent,
  "summary" | "isEmpty" | "rows" | "legend"
> {
  readonly shapes: (room: Room) => readonly Shape[];
}

/** Makes the panel; `part` is what its content is made of. */
export function diagramPanel<P>(
  options: FramePanelOptions,
  part: (frame: Frame) => P,
  content: (part: P, frame: Frame, room: Room) => DiagramContent,
): FramePanel {
  return framePanel(options, (panel, frame) => {
    const now = part(frame);
    const { theme, colours } = frame;
    const room = { ...panel.plotSize(), theme };
    const made = content(now, frame, room);
    panel.update({
      ...made,
      basis: basisOf(frame, now, room.width, room.height, colours.levels),
      still: true,
      option: () => diagramOption(made.shapes(room), theme),
    });
  });
}
