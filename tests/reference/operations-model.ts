/** Every server's health from measurements that come one by one: the reference, fed with one window at a time. */
import { Windows } from "./engagement/windows.ts";
import {
  type KnownServer,
  type ServerHealth,
  serverHealth,
  type ServerMetric,
  silentServers,
} from "./servers.ts";

const WINDOW_MS = 5_000;
/** What has been heard keeps the next windows open for so long. */
const OPEN_MS = 15_000;
/** A server that was silent for longer is not told of any more. */
const GONE_MS = 600_000;

type Metric = ServerMetric & { readonly event_id: string };

export class OperationsModel {
  readonly #tell: (topic: string, value: object) => void;
  readonly #windows: Windows<Map<string, Metric>>;
  /** Records by title. */
  readonly #records = new Map<string, number>();
  /** Of each server the newest, and all of the windows that keep others open. */
  #heard: ServerHealth[] = [];
  /** The end of the newest window of which anything was said. */
  #newestEnd = 0;
  #isEnding = false;

  constructor(tell: (topic: string, value: object) => void, catalog: readonly KnownServer[]) {
    this.#tell = tell;
    this.#windows = new Windows(WINDOW_MS, {
      empty: () => new Map<string, Metric>(),
      close: (window) => this.#close([...window.values()], catalog),
    });
  }

  add(metric: Metric): void {
    const title = metric.title_id ?? "local";
    this.#records.set(title, (this.#records.get(title) ?? 0) + 1);
    const timeMs = Date.parse(metric.timestamp);
    const window = this.#windows.at(timeMs);
    if (window !== undefined && !window.has(metric.event_id)) window.set(metric.event_id, metric);
    this.#windows.advance(timeMs);
  }

  /** The end of a run makes all servers silent: that is not told. */
  finish(): void {
    this.#isEnding = true;
    this.#windows.finish();
    for (const [title_id, records] of this.#records)
      this.#tell("pipeline-stats", { title_id, records, processed: records });
  }

  #close(metrics: readonly Metric[], catalog: readonly KnownServer[]): void {
    const health = serverHealth(metrics, catalog);
    for (const each of health) this.#tell("server-health", each);
    const end = health[0]?.window_end ?? 0;
    // Who is silent at the end of a window is known when the next one has been told.
    for (let judged = this.#newestEnd; judged > 0 && judged < end; judged += WINDOW_MS)
      this.#tellSilent(judged);
    this.#newestEnd = end;
    const newest = new Map(
      [...this.#heard, ...health].map((each) => [`${each.title_id}/${each.server_id}`, each]),
    );
    const kept = new Set([...newest.values(), ...this.#heard, ...health]);
    this.#heard = [...kept].filter(
      (each) =>
        each.window_end > end - OPEN_MS ||
        (newest.get(`${each.title_id}/${each.server_id}`) === each &&
          each.window_end > end - GONE_MS - OPEN_MS),
    );
  }

  #tellSilent(end: number): void {
    if (this.#isEnding) return;
    for (const each of silentServers(this.#heard, end))
      if (each.window_end === end) this.#tell("server-health", each);
  }
}
