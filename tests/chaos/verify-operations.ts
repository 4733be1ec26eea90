/**
 * Servers' health against the reference model, from the measurements as the topic holds them.
 *
 * Not compared: who was called silent and when. It is told by the dataflow's clock, which stood still
 * while records waited; `tests/unit/dataflows/servers.test.ts` compares it where the clock is known.
 */
import type { InsightByTopic } from "@arenaflow/events";
import { windowStart } from "../reference/arrivals.ts";
import { catalogServers } from "../reference/catalogs.ts";
import { serverHealth, type ServerMetric } from "../reference/servers.ts";
import { type AccountLine, between, Comparison } from "./account-line.ts";
import { type Arrived, Lateness } from "./lateness.ts";

type Told = InsightByTopic["server-health"];
type Measurement = ServerMetric & { readonly event_id: string };

const LENGTH_MS = 5000;
const OF_THE_NEWEST = new Set([
  "cpu_last",
  "memory_last",
  "latency_last",
  "players",
  "disconnection_rate",
  "state",
  "reason",
]);

export function operationsLines(
  records: readonly Arrived<Measurement>[],
  told: readonly Told[],
): AccountLine[] {
  const { of } = new Lateness(records, LENGTH_MS);
  const seen = new Set<string>();
  const groups = new Map<string, { metrics: ServerMetric[]; surely: number }>();
  records.forEach(({ event, timeMs }, index) => {
    if (seen.has(event.event_id) || of[index] === "late") return;
    seen.add(event.event_id);
    const key = `${windowStart(timeMs, LENGTH_MS)} ${event.server_id}`;
    const group = groups.get(key) ?? { metrics: [], surely: 0 };
    groups.set(key, group);
    group.metrics.push({ ...event, timestamp: new Date(timeMs).toISOString() });
    group.surely += of[index] === "in time" ? 1 : 0;
  });
  const heard = new Map(
    told
      .filter(({ state }) => state !== "down")
      .map((health) => [`${health.window_start} ${health.server_id}`, health]),
  );
  const whole = new Comparison("server-health: windows as the reference model has them");
  const held = new Comparison(
    "server-health: windows that silence may have closed before, in bounds",
  );
  for (const key of new Set([...groups.keys(), ...heard.keys()])) {
    const { metrics, surely } = groups.get(key) ?? { metrics: [], surely: 0 };
    const found = heard.get(key);
    if (surely === metrics.length) {
      whole.same(key, expectedOf(metrics), found);
    } else {
      held.within(key, found?.samples ?? 0, surely, metrics.length);
    }
  }
  const sum = [...heard.values()].reduce((all, { samples }) => all + samples, 0);
  const all = [...groups.values()];
  const surely = all.reduce((count, group) => count + group.surely, 0);
  const atMost = all.reduce((count, { metrics }) => count + metrics.length, 0);
  return [
    between("server-health: measurements in windows", sum, surely, atMost),
    whole.line,
    held.line,
  ];
}

/** Of two measurements at one millisecond either may be the newest; then what follows from it is left out. */
function expectedOf(metrics: readonly ServerMetric[]): object | undefined {
  const [health] = serverHealth(metrics, catalogServers());
  const times = metrics.map(({ timestamp }) => timestamp).toSorted();
  if (health === undefined || times.at(-1) !== times.at(-2)) return health;
  return Object.fromEntries(Object.entries(health).filter(([name]) => !OF_THE_NEWEST.has(name)));
}
