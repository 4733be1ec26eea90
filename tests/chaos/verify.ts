/**
 * The account after a run: what the clients sent against what the topics, the dataflows and the
 * live history say. Every line must hold; one that does not names both figures.
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
import { CATALOGS } from "../reference/catalogs.ts";
import { type Takings, takings } from "../reference/revenue.ts";
import type { Purchase } from "../reference/sales.ts";
import type { Sent } from "./players.ts";
import type { Topics } from "./topics.ts";

const PAGE = 5000;

export interface AccountLine {
  readonly what: string;
  readonly expected: number | string;
  readonly found: number | string;
  readonly holds: boolean;
}

function equal(what: string, expected: number | string, found: number | string): AccountLine {
  return { what, expected, found, holds: expected === found };
}

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
  readonly sent: Sent;
  readonly ingestUrl: string;
}): Promise<AccountLine[]> {
  const { topics, sent } = options;
  const lines: AccountLine[] = [];
  const stats = await newestStats(topics);
  for (const topic of EVENT_TOPICS) {
    lines.push(
      ...(await topicLines(topics, { topic, ids: sent.ids[topic], stats: stats.get(topic) })),
    );
  }
  lines.push(...(await revenueLines(topics, sent.purchases)));
  for (const topic of ["revenue", "item-sales", "level-activity", "server-health"] as const) {
    lines.push(await historyLine(topics, topic, options.ingestUrl));
  }
  return lines;
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

/** Totals since the start. */
async function revenueLines(
  topics: Topics,
  purchases: readonly Purchase[],
): Promise<AccountLine[]> {
  const totals: InsightByTopic["revenue"][] = [];
  await topics.read("revenue", (text) => {
    const value = JSON.parse(text) as InsightByTopic["revenue"];
    if (value.period === "total") totals[0] = value;
  });
  const [total] = totals;
  const expected = takings(purchases, CATALOGS);
  const names = [
    "purchase_count",
    "refund_count",
    "buyers",
    "gross_revenue",
    "refunded",
    "revenue",
  ];
  return names.map((name) => {
    const field = name as keyof Takings;
    return equal(
      `revenue since the start: ${name}`,
      Number(expected[field]),
      Number(total?.[field] ?? 0),
    );
  });
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
  return shown === 0
    ? { what, expected: 0, found: "no history", holds: false }
    : equal(what, 0, wrong);
}
