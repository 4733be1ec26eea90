/**
 * The account after a run: what the clients sent against what the topics, the dataflows and the
 * live history say, and every insight against the reference model of the events as the topics hold
 * them. Every line must hold; one that does not names both figures.
 *
 * `dataflow-graph` alone is not compared: it counts what the engine did since it was started last.
 */
import {
  EVENT_TOPICS,
  type EventTopic,
  type InsightByTopic,
  type InsightTopic,
  insightKey,
  type LiveMessage,
  type PipelineStats,
} from "@arenaflow/events";
import type { PlayerEvent } from "../reference/engagement/event.ts";
import type { DatedPurchase } from "../reference/fraud.ts";
import type { ServerMetric } from "../reference/servers.ts";
import { type AccountLine, equal } from "./account-line.ts";
import type { ArrivalTimes } from "./arrival-times.ts";
import type { Arrived } from "./lateness.ts";
import type { Sent } from "./players.ts";
import type { Topics } from "./topics.ts";
import { economyLines } from "./verify-economy.ts";
import { engagementLines } from "./verify-engagement.ts";
import { graphiteLine } from "./verify-graphite.ts";
import { operationsLines } from "./verify-operations.ts";

const PAGE = 5000;

/** The last record of each key of an insight topic. */
async function lastOfEach<T extends InsightTopic>(
  topics: Topics,
  topic: T,
): Promise<Map<string, InsightByTopic[T]>> {
  const last = new Map<string, InsightByTopic[T]>();
  await topics.read(topic, (text) => {
    const value = JSON.parse(text) as InsightByTopic[T];
    const key = insightKey(topic, { ...value });
    if (key !== undefined) last.set(key, value);
  });
  return last;
}

/**
 * The last account of each topic's records. Not the one of the newest window: a clock that was ahead
 * for a while has closed windows of the future.
 */
export async function newestStats(topics: Topics): Promise<Map<string, PipelineStats>> {
  const newest = new Map<string, PipelineStats>();
  await topics.read("pipeline-stats", (text) => {
    const value = JSON.parse(text) as PipelineStats;
    newest.set(value.topic, value);
  });
  return newest;
}

/** @returns the lines of the account, in the order of an event's way */
export async function account(options: {
  readonly topics: Topics;
  readonly times: ArrivalTimes;
  readonly sent: Sent;
  readonly ingestUrl: string;
  readonly graphiteUrl: string | undefined;
}): Promise<AccountLine[]> {
  const { topics, sent } = options;
  const lines: AccountLine[] = [];
  const stats = await newestStats(topics);
  for (const topic of EVENT_TOPICS) {
    lines.push(
      ...(await topicLines(topics, { topic, ids: sent.ids[topic], stats: stats.get(topic) })),
    );
  }
  lines.push(...(await insightLines(options, stats)));
  for (const topic of HISTORY) lines.push(await historyLine(topics, topic, options.ingestUrl));
  if (options.graphiteUrl !== undefined) {
    lines.push(await graphiteLine(topics, options.graphiteUrl));
  }
  return lines;
}

const HISTORY = [
  "revenue",
  "item-sales",
  "fraud-flags",
  "level-activity",
  "level-retention",
  "player-movement",
  "session-stats",
  "disconnects",
  "day-cohorts",
  "server-health",
] as const satisfies readonly InsightTopic[];

/** Every insight against the reference model. */
async function insightLines(
  from: { readonly topics: Topics; readonly times: ArrivalTimes },
  stats: ReadonlyMap<string, PipelineStats>,
): Promise<AccountLine[]> {
  const { topics } = from;
  const told = async <T extends InsightTopic>(topic: T): Promise<InsightByTopic[T][]> => [
    ...(await lastOfEach(topics, topic)).values(),
  ];
  const players = await arrivals<PlayerEvent>(from, "player-events", ({ timestamp }) => timestamp);
  const purchases = await arrivals<DatedPurchase>(
    from,
    "purchases",
    ({ purchase_timestamp }) => purchase_timestamp,
  );
  const metrics = await arrivals<ServerMetric & { readonly event_id: string }>(
    from,
    "server-metrics",
    ({ timestamp }) => timestamp,
  );
  const health: InsightByTopic["server-health"][] = [];
  await topics.read("server-health", (text) => health.push(JSON.parse(text) as (typeof health)[0]));
  const revenue: InsightByTopic["revenue"][] = [];
  await topics.read("revenue", (text) => revenue.push(JSON.parse(text) as (typeof revenue)[0]));
  const economy = {
    sales: await told("item-sales"),
    revenue,
    flags: await told("fraud-flags"),
    stats: stats.get("purchases"),
  };
  return [
    ...economyLines(purchases, economy),
    ...operationsLines(metrics, health),
    ...engagementLines(players, {
      "level-activity": await told("level-activity"),
      "session-stats": await told("session-stats"),
      "level-retention": await told("level-retention"),
      "player-movement": await told("player-movement"),
      disconnects: await told("disconnects"),
      "day-cohorts": await told("day-cohorts"),
      late: stats.get("player-events")?.late ?? 0,
    }),
  ];
}

/** Events as the topic holds them, copies too; an event's time is its own, or its arrival at the edge if that is earlier. */
async function arrivals<E>(
  { topics, times }: { readonly topics: Topics; readonly times: ArrivalTimes },
  topic: EventTopic,
  timeOf: (event: E) => string,
): Promise<Arrived<E>[]> {
  const all: Arrived<E>[] = [];
  await topics.read(topic, (text, offset) => {
    if (eventId(text) === undefined) return;
    const event = JSON.parse(text) as E & { readonly received_at?: number };
    const timeMs = Math.min(Date.parse(timeOf(event)), event.received_at ?? Infinity);
    all.push({ ...times.of(topic, offset), event, timeMs });
  });
  return all;
}

async function topicLines(
  topics: Topics,
  {
    topic,
    ids,
    stats,
  }: { topic: EventTopic; ids: ReadonlySet<string>; stats?: PipelineStats | undefined },
): Promise<AccountLine[]> {
  const found = new Set<string>();
  let strangers = 0;
  let copies = 0;
  let poison = 0;
  const records = await topics.read(topic, (text) => {
    const id = eventId(text);
    if (id === undefined) poison += 1;
    else if (found.has(id)) copies += 1;
    else if (ids.has(id)) found.add(id);
    else strangers += 1;
  });
  return [
    equal(`${topic}: sent events in the topic`, ids.size, found.size),
    equal(`${topic}: events nobody sent`, 0, strangers),
    equal(`${topic}: counted by the dataflow, each once`, ids.size, stats?.processed ?? 0),
    equal(`${topic}: copies recognised`, copies, stats?.duplicates ?? 0),
    equal(`${topic}: every event record counted as one`, records - poison, stats?.records ?? 0),
  ];
}

function eventId(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { event_id?: string } | null;
    return value?.event_id;
  } catch {
    return undefined;
  }
}

/** The live history shows for every key what the topic says last. */
async function historyLine(
  topics: Topics,
  topic: InsightTopic,
  ingestUrl: string,
): Promise<AccountLine> {
  const last = await lastOfEach(topics, topic);
  let shown = 0;
  let wrong = 0;
  let since: number | null = 0;
  while (since !== null) {
    const url = `${ingestUrl}/v1/insights/${topic}?limit=${PAGE}&since=${since}`;
    const answer = await fetch(url, { headers: { authorization: "Bearer dev" } });
    const page = (await answer.json()) as { items: LiveMessage[]; next: number | null };
    for (const { value } of page.items) {
      const key = insightKey(topic, { ...value });
      shown += 1;
      if (key === undefined || JSON.stringify(last.get(key)) !== JSON.stringify(value)) wrong += 1;
    }
    since = page.next;
  }
  const what = `${topic}: live history unlike the topic's last word`;
  return shown === 0 && last.size > 0
    ? { what, expected: 0, found: "no history", holds: false }
    : equal(what, 0, wrong);
}
