/** The reference models that a long run compares with: one for each dataflow. */
import { readFileSync } from "node:fs";
import type { EventTopic } from "@arenaflow/events";
import { CATALOGS } from "../reference/catalogs.ts";
import { EconomyModel } from "../reference/economy-model.ts";
import { catalogNames } from "../reference/engagement/catalog-names.ts";
import { EngagementModel } from "../reference/engagement/model.ts";
import { OperationsModel } from "../reference/operations-model.ts";
import type { KnownServer } from "../reference/servers.ts";

/** A model that takes events one by one, in the order in which the topic holds them. */
export interface StreamModel<E> {
  add(event: E): void;
  /** A batch is done. */
  settle?(): void;
  /** Closes all windows. */
  finish(): void;
}

export interface LongModel {
  readonly topic: EventTopic;
  readonly dataflow: string;
  /** The topics of the insights that are compared. */
  readonly insights: readonly string[];
  /** How an insight is compared: each by itself, unless this says otherwise. */
  compare?(topic: string, value: Fields): Comparison | undefined;
  /** Whether only the end of the run makes the dataflow tell it. */
  isOfTheEnd?(value: Fields): boolean;
  make(tell: (topic: string, value: object) => void): StreamModel<never>;
}

export type Fields = Readonly<Record<string, unknown>>;

export interface Comparison {
  /**
   * `once`: what is told again is the same insight, grown; `now`: what the dataflow tells last while
   * a batch is processed is what the model says then, which it always does; `last`: of all that is told
   * of one thing the last counts.
   */
  readonly how: "each" | "once" | "now" | "last";
  /** What it is told of. */
  readonly of: string;
  /** What the model tells of it. */
  readonly value: Fields;
}

const { servers } = JSON.parse(
  readFileSync(new URL("../../catalog/servers.json", import.meta.url), "utf8"),
) as { servers: readonly KnownServer[] };

function pick(value: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, value[name]]));
}

const ACCOUNT = ["title_id", "records", "processed"];
const PLAYERS_ACCOUNT = [...ACCOUNT, "duplicates", "refused", "late"];
const SALES_ACCOUNT = [...PLAYERS_ACCOUNT, "unmatched_refunds"];

/** Of an account what the windows by arrival that it is told with leave open: the last. */
function lastAccount(value: Fields, names: readonly string[]): Comparison {
  return { how: "last", of: String(value["title_id"]), value: pick(value, names) };
}

function comparePlayers(topic: string, value: Fields): Comparison | undefined {
  return topic === "pipeline-stats" ? lastAccount(value, PLAYERS_ACCOUNT) : undefined;
}

function compareSales(topic: string, value: Fields): Comparison | undefined {
  if (topic === "pipeline-stats") return lastAccount(value, SALES_ACCOUNT);
  // It is told again when a copy is taken out of it, and with every account.
  if (topic === "revenue" && value["period"] === "total") {
    // Tiers are not counted again for every copy: random histories compare them when all is told.
    const names = Object.keys(value).filter((name) => name !== "by_spender_tier");
    return { how: "now", of: String(value["title_id"]), value: pick(value, names) };
  }
  if (topic !== "fraud-flags") return undefined;
  return { how: "once", of: "", value: pick(value, ["title_id", "rule", "subject"]) };
}

function compareServers(topic: string, value: Fields): Comparison | undefined {
  return topic === "pipeline-stats" ? lastAccount(value, ACCOUNT) : undefined;
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
    compare: comparePlayers,
    make: (tell) => new EngagementModel(tell, catalogNames()),
  },
  {
    topic: "purchases",
    dataflow: "game-economy",
    insights: ["item-sales", "revenue", "fraud-flags", "pipeline-stats"],
    compare: compareSales,
    make: (tell) => new EconomyModel(tell, CATALOGS),
  },
  {
    topic: "server-metrics",
    dataflow: "server-operations",
    insights: ["server-health", "pipeline-stats"],
    compare: compareServers,
    isOfTheEnd: ({ state }) => state === "down",
    make: (tell) => new OperationsModel(tell, servers),
  },
];
