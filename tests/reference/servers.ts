/** Servers, computed a second time: their health, who is silent, and the series that Graphite is to have. */
import { groupBy, mean, oneDecimal, windowOf, type WindowBounds } from "./window.ts";

export interface ServerMetric {
  readonly title_id?: string;
  readonly server_id: string;
  readonly cpu_load: number;
  readonly memory_usage: number;
  readonly latency: number;
  readonly timestamp: string;
  readonly connected_players?: number;
  readonly disconnections?: number;
  readonly region?: string;
  readonly server_type?: string;
}

export interface ServerHealth extends WindowBounds {
  readonly title_id: string;
  readonly server_id: string;
  readonly region: string;
  readonly server_type: string;
  readonly samples: number;
  readonly cpu_load: number;
  readonly cpu_last: number;
  readonly cpu_p95: number;
  readonly cpu_max: number;
  readonly memory_usage: number;
  readonly memory_last: number;
  readonly memory_p95: number;
  readonly memory_max: number;
  readonly latency: number;
  readonly latency_last: number;
  readonly latency_p95: number;
  readonly latency_max: number;
  readonly players: number;
  readonly disconnections: number;
  readonly disconnection_rate: number;
  readonly state: string;
  readonly reason: string;
  readonly timestamp: string;
}

/** A server of the catalog. */
export interface KnownServer {
  readonly server_id: string;
  readonly region: string;
  readonly server_type: string;
}

const LENGTH_MS = 5_000;
const SILENT_MS = 10_000;
const GONE_MS = 600_000;
/** What has been heard keeps the next windows open for so long. */
const OPEN_MS = 15_000;

/** Load and latency per server, players and lost ones, and whether it is well; without silent servers. */
export function serverHealth(
  metrics: readonly ServerMetric[],
  catalog: readonly KnownServer[] = [],
): ServerHealth[] {
  const keyOf = (metric: ServerMetric): string =>
    `${windowOf(Date.parse(metric.timestamp)).window_start} ${metric.title_id ?? "local"} ${metric.server_id}`;
  return groupBy(metrics, keyOf).map((group) => healthOf(group, catalog));
}

function healthOf(group: readonly ServerMetric[], catalog: readonly KnownServer[]): ServerHealth {
  const newest = group.reduce((a, b) => (atMs(b) > atMs(a) ? b : a));
  const cpu = summary(group.map((metric) => metric.cpu_load));
  const memory = summary(group.map((metric) => metric.memory_usage));
  const latency = summary(group.map((metric) => metric.latency));
  const players = newest.connected_players ?? 0;
  const disconnections = group.reduce((sum, metric) => sum + (metric.disconnections ?? 0), 0);
  const lost = disconnections === 0 ? 0 : disconnections / (players + disconnections);
  const reasons = [
    cpu.mean >= 90 ? `load ${oneDecimal(cpu.mean)} %` : "",
    memory.mean >= 92 ? `memory ${oneDecimal(memory.mean)} %` : "",
    latency.mean >= 150 ? `latency ${oneDecimal(latency.mean)} ms` : "",
    lost >= 0.05 && disconnections >= 3 ? `${disconnections} players lost` : "",
  ].filter((reason) => reason !== "");
  const known = catalog.find(({ server_id }) => server_id === newest.server_id);
  return {
    ...windowOf(atMs(newest)),
    title_id: newest.title_id ?? "local",
    server_id: newest.server_id,
    region: known?.region ?? newest.region ?? "",
    server_type: known?.server_type ?? newest.server_type ?? "",
    samples: group.length,
    cpu_load: oneDecimal(cpu.mean),
    cpu_last: oneDecimal(newest.cpu_load),
    cpu_p95: oneDecimal(cpu.p95),
    cpu_max: oneDecimal(cpu.max),
    memory_usage: oneDecimal(memory.mean),
    memory_last: oneDecimal(newest.memory_usage),
    memory_p95: oneDecimal(memory.p95),
    memory_max: oneDecimal(memory.max),
    latency: oneDecimal(latency.mean),
    latency_last: oneDecimal(newest.latency),
    latency_p95: oneDecimal(latency.p95),
    latency_max: oneDecimal(latency.max),
    players,
    disconnections,
    disconnection_rate: Math.round(lost * 1000) / 1000,
    state: reasons.length === 0 ? "ok" : "degraded",
    reason: reasons.join(", "),
    timestamp: utc(newest.timestamp),
  };
}

const atMs = ({ timestamp }: { readonly timestamp: string }): number => Date.parse(timestamp);

/** As the dataflows write times: milliseconds only where there are any. */
function utc(time: string): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

function summary(values: readonly number[]): { mean: number; p95: number; max: number } {
  const ordered = values.toSorted((a, b) => a - b);
  return {
    mean: mean(ordered),
    p95: ordered[Math.ceil(ordered.length * 0.95) - 1]!,
    max: ordered.at(-1)!,
  };
}

/**
 * Who is silent at the end of every five seconds in which, or in the ten before which, anything was
 * said of any server; what is said of silent servers counts too.
 * @param untilMs no window that ends later
 */
export function silentServers(heard: readonly ServerHealth[], untilMs: number): ServerHealth[] {
  const ends = heard.map(({ window_end }) => window_end);
  const down: ServerHealth[] = [];
  for (let end = Math.min(...ends); end <= untilMs; end += LENGTH_MS) {
    const isOpen = [...heard, ...down].some(
      ({ window_end }) => window_end <= end && window_end > end - OPEN_MS,
    );
    if (!isOpen) continue;
    const past = heard.filter(({ window_end }) => window_end <= end);
    for (const own of groupBy(past, ({ title_id, server_id }) => `${title_id}/${server_id}`)) {
      const last = own.reduce((a, b) => (atMs(b) > atMs(a) ? b : a));
      const silentMs = end - atMs(last);
      if (silentMs >= SILENT_MS && silentMs < GONE_MS) down.push(silent(last, end));
    }
  }
  return down;
}

function silent(last: ServerHealth, end: number): ServerHealth {
  const numbers = Object.entries(last).map(([name, value]) => [
    name,
    typeof value === "number" ? 0 : value,
  ]);
  return {
    ...(Object.fromEntries(numbers) as ServerHealth),
    state: "down",
    reason: `silent for ${Math.floor((end - atMs(last)) / 1000)} s`,
    window_start: end - LENGTH_MS,
    window_end: end,
  };
}

/** Series by name and second, of servers alone, for ids and regions that Graphite takes as they are. */
export function serverSeries(health: readonly ServerHealth[]): Map<string, Map<number, number>> {
  const series = new Map<string, Map<number, number>>();
  const slotOf = (each: ServerHealth): number => Math.floor(each.window_start / 10_000) * 10;
  const keyOf = (each: ServerHealth): string =>
    `${slotOf(each)} ${each.title_id} ${each.server_id}`;
  for (const group of groupBy(health, keyOf)) {
    const newest = group.reduce((a, b) => (b.window_end > a.window_end ? b : a));
    const root = newest.title_id === "local" ? "gaming" : `gaming_${newest.title_id}`;
    const sum = (pick: (each: ServerHealth) => number): number =>
      group.reduce((total, each) => total + pick(each), 0);
    const samples = sum((each) => each.samples);
    const weighed = (pick: (each: ServerHealth) => number): number =>
      oneDecimal(sum((each) => pick(each) * each.samples) / samples);
    const own = `${root}.servers.${newest.server_id}`;
    const values: Record<string, number> = {
      [`${own}.players`]: newest.players,
      [`${own}.disconnects`]: sum((each) => each.disconnections),
      [`${own}.up`]: newest.state === "down" ? 0 : 1,
    };
    if (samples > 0) {
      values[`${own}.cpu`] = weighed((each) => each.cpu_load);
      values[`${own}.memory`] = weighed((each) => each.memory_usage);
      values[`${own}.latency`] = weighed((each) => each.latency);
      values[`${own}.latency_p95`] = Math.max(...group.map((each) => each.latency_p95));
    }
    const region = newest.region === "" ? "none" : newest.region;
    values[`${root}.regions.${region}.${newest.server_id}.players`] = newest.players;
    for (const [name, value] of Object.entries(values)) {
      const points = series.get(name) ?? new Map<number, number>();
      series.set(name, points.set(slotOf(newest), value));
    }
  }
  return series;
}
