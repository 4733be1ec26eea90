/** The reference models that a long run compares with: one for each dataflow that has a streaming one. */
import type { EventTopic } from "@arenaflow/events";
import { catalogNames } from "../reference/engagement/catalog-names.ts";
import { EngagementModel } from "../reference/engagement/model.ts";

/** A model that takes events one by one, in the order in which the topic holds them. */
export interface StreamModel<E> {
  add(event: E): void;
  /** Closes all windows. */
  finish(): void;
}

export interface LongModel {
  readonly topic: EventTopic;
  readonly dataflow: string;
  /** The topics of the insights that are compared. */
  readonly insights: readonly string[];
  make(tell: (topic: string, value: object) => void): StreamModel<never>;
}

export const LONG_MODELS: readonly LongModel[] = [
  {
    topic: "player-events",
    dataflow: "player-engagement",
    insights: [
      "level-activity",
      "session-stats",
      "pipeline-stats",
      "level-retention",
      "player-movement",
      "disconnects",
      "day-cohorts",
    ],
    make: (tell) => new EngagementModel(tell, catalogNames()),
  },
];
