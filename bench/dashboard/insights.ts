/** Insights as a small game's dataflows write them, at a rate that is asked for. */
import type { InsightTopic } from "@arenaflow/events";

export const WINDOW_MS = 5_000;
const LEVELS = 12;
const MAPS = 8;
const PLACES = 25;
const ITEMS = 24;
const SERVERS = 8;
const MOVES = 40;
const DATAFLOWS = 3;
/** Operators of a dataflow, by service: it is the largest of all insights. */
const SERVICES = 8;
const OPERATORS = 8;
/** The same numbers every time: a wave, so that charts have something to draw. */
const wave = (n: number, group: number): number => Math.round(50 + 40 * Math.sin(n / 7 + group));

export interface PostedInsight {
  readonly topic: InsightTopic;
  readonly value: { readonly [field: string]: unknown };
}

/**
 * All insights of one window of five seconds: 137, and flags on top.
 * @param options.share of the game's places, items and ways: less than 1 for a smaller game
 */
export function insightsOf(
  startMs: number,
  { flags, share = 1 }: { readonly flags: number; readonly share?: number },
): PostedInsight[] {
  const window = { window_start: startMs, window_end: startMs + WINDOW_MS };
  const n = startMs / WINDOW_MS;
  const two = (group: number): string => String(group + 1).padStart(2, "0");
  const list = (
    count: number,
    topic: InsightTopic,
    make: (group: number) => PostedInsight["value"],
  ): PostedInsight[] =>
    Array.from({ length: Math.ceil(count * share) }, (_, group) => ({
      topic,
      value: { ...make(group), ...window },
    }));
  const place = (group: number) => ({
    level_id: `level_${two(group % LEVELS)}`,
    map_id: `map_${two((group * 3) % MAPS)}`,
  });
  return [
    ...list(PLACES, "level-activity", (group) => ({
      ...place(group),
      active_players: wave(n, group),
      average_session_duration: 100 + wave(n, group),
    })),
    ...list(ITEMS, "item-sales", (group) => ({
      item_id: `item_${two(group)}`,
      purchase_count: wave(n, group) % 9,
      total_revenue: wave(n, group),
      fraud_flags: [],
    })),
    ...list(SERVERS, "server-health", (group) => serverHealth(group, wave(n, group), startMs)),
    ...list(PLACES, "level-retention", (group) => ({
      ...place(group),
      ...outcomes(wave(n, group)),
    })),
    ...list(MOVES, "player-movement", (group) => ({
      from_level_id: `level_${two(group % LEVELS)}`,
      from_map_id: "map_01",
      to_level_id: `level_${two((group * 5 + 1) % LEVELS)}`,
      to_map_id: "map_02",
      transitions: wave(n, group),
    })),
    ...list(SERVERS, "disconnects", (group) => ({
      server_id: `server_${group + 1}`,
      disconnects: wave(n, group) % 5,
      sessions_ended: 20,
      disconnect_rate: 0.1,
      main_reason: "connection_lost",
    })),
    ...list(1, "session-stats", () => ({
      active_sessions: 400,
      active_last_minute: 300,
      started: 20,
      ended: 20,
      disconnected: 1,
      average_duration: 120,
    })),
    ...list(1, "revenue", () => revenue(wave(n, 0))),
    ...list(3, "pipeline-stats", (group) => ({
      topic: ["player-events", "purchases", "server-metrics"][group],
      records: n,
      processed: n,
      duplicates: 0,
      refused: 0,
      late: 0,
    })),
    ...list(DATAFLOWS, "dataflow-graph", (group) => graph(group, n)),
    ...list(flags, "fraud-flags", (group) => flag(group, n)),
  ];
}

function serverHealth(group: number, load: number, startMs: number): PostedInsight["value"] {
  return {
    server_id: `server_${group + 1}`,
    region: "eu-west",
    server_type: "match",
    samples: 5,
    cpu_load: load,
    memory_usage: 60,
    latency: 40 + load,
    cpu_max: load,
    latency_p95: 60 + load,
    latency_max: 80 + load,
    players: load,
    disconnections: 0,
    disconnection_rate: 0,
    state: "ok",
    reason: "",
    timestamp: new Date(startMs).toISOString(),
  };
}

function outcomes(started: number): PostedInsight["value"] {
  return {
    started,
    completed: Math.floor(started / 2),
    failed: Math.floor(started / 4),
    quit: 1,
    came_back: 1,
    average_attempt_seconds: 60,
    stuck: false,
    stuck_by: "",
    stuck_measure: 0,
    started_total: started,
    completed_total: 0,
    failed_total: 0,
    quit_total: 0,
    came_back_total: 0,
  };
}

function revenue(amount: number): PostedInsight["value"] {
  return {
    period: "10s",
    purchase_count: amount,
    refund_count: 1,
    buyers: amount,
    gross_revenue: amount * 5,
    refunded: 5,
    revenue: amount * 5 - 5,
    by_item_type: [{ item_type: "skin", purchase_count: amount, revenue: amount * 5 - 5 }],
  };
}

function graph(group: number, n: number): PostedInsight["value"] {
  const services = Array.from({ length: SERVICES }, (_, i) => `service-${group}-${i}`);
  return {
    dataflow: `dataflow-${group}`,
    version: "1",
    started_at: 0,
    memory_bytes: 1_000_000,
    dropped: 0,
    nodes: services.map((name) => ({
      id: `service:${name}`,
      kind: "service",
      name,
      rate: wave(n, group),
      windowing: "tumbling 5 s",
      in: n * 5,
      out: n * 5,
      failed: 0,
      late: 0,
      rows: 100,
      states: [],
      operators: Array.from({ length: OPERATORS }, (_operator, i) => ({
        id: `${name}/operator-${i}`,
        service: name,
        kind: "filter-map",
        name: `operator-${i}`,
        in: n * 5,
        out: n * 5,
        failed: 0,
        filtered: 0,
        rate: wave(n, i),
      })),
    })),
    edges: services.map((name) => ({
      from: "topic:player-events",
      to: `service:${name}`,
      records: n * 5,
      rate: wave(n, group),
    })),
  };
}

/** Flags come again as they grow, which is most of what a busy page is told. */
function flag(group: number, n: number): PostedInsight["value"] {
  return {
    rule: "purchase-velocity-per-account",
    rule_version: 1,
    mode: "flag",
    severity: "high",
    score: 0.8,
    subject: `account:player_${group % 6}`,
    player_id: `player_${group % 6}`,
    ip_address: `10.0.0.${group % 6}`,
    item_id: "item_01",
    count: 4,
    threshold: 4,
    evidence_event_ids: [`e${n}`, `e${group}`],
  };
}
