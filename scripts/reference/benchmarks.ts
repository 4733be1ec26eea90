/** docs/benchmarks.md: the last kept run of every benchmark, beside what it should reach. */
import { readFigures } from "../../bench/figures.ts";
import { code, madeFrom, page, table } from "./markdown.ts";

interface Metric {
  readonly is: string;
  readonly goal?: `≥ ${string}` | `≤ ${string}`;
}

const METRICS: Readonly<Record<string, Readonly<Record<string, Metric>>>> = {
  fluvio: {
    produce_fsync_vs_tcp: {
      is: "produce, every record on disk, against a TCP echo of the same bytes",
      goal: "≥ 0.5",
    },
    produce_memory_vs_tcp: { is: "the same without waiting for the disk", goal: "≥ 0.7" },
    consume_vs_tcp: { is: "consume, against the same echo", goal: "≥ 2" },
    produce_vs_native_client: {
      is: "our client's produce against the native @fluvio/client",
      goal: "≥ 1.3",
    },
    consume_vs_native_client: { is: "our client's consume against the native one", goal: "≥ 2" },
  },
  sdf: {
    wasm_vs_js: {
      is: "a windowed count in Wasm against JSON.parse and Map in JavaScript, 10k keys",
      goal: "≥ 4.5",
    },
    wasm_vs_native: { is: "against the same generated code, compiled natively", goal: "≥ 0.8" },
    wasm_vs_js_1m_keys: { is: "against JavaScript with a million live keys", goal: "≥ 3" },
    flush_100k_vs_sqlite: {
      is: "ordering 100k rows at a flush, against SQLite over the same rows",
      goal: "≥ 4",
    },
    two_partitions_vs_one: { is: "two partitions on two cores against one", goal: "≥ 1.7" },
    checkpoint_1m_keys_ms: {
      is: "engine time that a checkpoint of a million keys takes, ms",
      goal: "≤ 100",
    },
    mb_per_million_keys: { is: "memory per million keys, MB" },
  },
  dataflows: {
    engagement_vs_json_parse: {
      is: "player-engagement against JSON.parse of the same bytes",
      goal: "≥ 1.5",
    },
    economy_vs_json_parse: { is: "game-economy, likewise", goal: "≥ 1.5" },
    operations_vs_json_parse: { is: "server-operations, likewise", goal: "≥ 1.5" },
    engagement_reading_vs_json_parse: {
      is: "reading a player event alone, with its times and ids, likewise",
    },
    economy_reading_vs_json_parse: { is: "reading a purchase alone, likewise" },
    operations_reading_vs_json_parse: { is: "reading a measurement alone, likewise" },
    all_events_per_s: {
      is: "all three on the default mix, events per second and core",
      goal: "≥ 150000",
    },
    all_vs_json_parse: { is: "all three, against JSON.parse" },
    flush_1m_players_ms: {
      is: "longest flush of player-engagement with a million players known, ms",
      goal: "≤ 200",
    },
    flush_1m_buyers_ms: {
      is: "longest flush of game-economy with a million buyers known, ms",
      goal: "≤ 200",
    },
  },
  ingest: {
    batch500_vs_bare: {
      is: "500 events per request, against a Worker that parses and appends one blob",
      goal: "≥ 0.85",
    },
    batch50_vs_bare: { is: "50 events per request, likewise", goal: "≥ 0.8" },
    batch1_vs_bare: { is: "one event per request on 64 connections, likewise", goal: "≥ 0.8" },
    validate_vs_json_parse: { is: "validation as a share of JSON.parse", goal: "≤ 0.5" },
    feed_vs_bare_read: { is: "draining the feed, against reading the stored bytes", goal: "≥ 0.5" },
    bundle_gzip_kb: { is: "the Worker's bundle, KB gzip", goal: "≤ 150" },
  },
  generator: {
    generate_vs_stringify: { is: "the simulated game against JSON.stringify of its events" },
    events_per_s: { is: "simulated events per second" },
  },
  dashboard: {
    first_view_gzip_kb: { is: "JavaScript of the first view, KB gzip", goal: "≤ 220" },
    first_paint_ms: {
      is: "from the start of a load to the first paint, nothing in a cache, ms",
      goal: "≤ 1000",
    },
    cpu_share_50_updates: { is: "share of a core at 50 updates per second", goal: "≤ 0.3" },
    heap_growth_mb_per_hour: { is: "growth of the page's memory, MB per hour" },
  },
  stack: {
    posted_events_per_s: {
      is: "rate that the whole stack holds for a minute, clients included",
      goal: "≥ 40000",
    },
    full_events_per_s: { is: "the same with the dashboard open", goal: "≥ 20000" },
    latency_p50_ms: {
      is: "from a window's due time to the WebSocket at 5,000 events per second, median, ms",
      goal: "≤ 150",
    },
    latency_p99_ms: { is: "the same, 99th percentile, ms", goal: "≤ 750" },
    cpu_us_per_event_workers: {
      is: "CPU time of the Workers per event at 10,000 events per second, µs",
    },
    cpu_us_per_event_fluvio: { is: "of the Fluvio server, µs" },
    cpu_us_per_event_dataflows: { is: "of the dataflows, µs" },
    cpu_us_per_event_connectors: { is: "of the connectors, µs" },
    rss_mb: { is: "memory of all processes with a thousand players, MiB" },
    rss_1m_players_mb: { is: "memory of all processes with a million players, MiB" },
  },
};

export function benchmarksPage(): string {
  const figures = readFigures();
  const sections = Object.entries(METRICS).flatMap(([name, metrics]) => {
    const kept = figures[name];
    if (kept === undefined) return [];
    const rows = Object.entries(metrics)
      .filter(([metric]) => kept.metrics[metric] !== undefined)
      .map(([metric, { is, goal = "" }]) => {
        const value = kept.metrics[metric] ?? NaN;
        return [code(metric), is, value.toLocaleString("en"), goal, mark(value, goal)];
      });
    return [
      `## ${name}`,
      `\`npm run bench -- ${name}\`, ${kept.date}, ${kept.machine}.`,
      table(["metric", "is", "measured", "goal", ""], rows),
      ...(name === "dataflows" ? floorOfDataflows(kept.metrics) : []),
    ];
  });
  return page(
    madeFrom("`bench/figures.json`"),
    "# Benchmarks",
    "Ratios are taken within one run, both sides interleaved, so that they mean the same on another machine. " +
      "`npm run bench -- <name> --keep` replaces the figures below by those of this machine.",
    ...sections,
  );
}

/** How much of a dataflow's time no work on the dataflow can save. */
function floorOfDataflows(metrics: Readonly<Record<string, number>>): string[] {
  const shares = ["engagement", "economy", "operations"].flatMap((name) => {
    const [whole, reading] = [
      metrics[`${name}_vs_json_parse`],
      metrics[`${name}_reading_vs_json_parse`],
    ];
    if (whole === undefined || reading === undefined) return [];
    return [`${name} ${Math.round((100 * whole) / reading)} %`];
  });
  if (shares.length === 0) return [];
  return [
    "**Why 1.5 is far off.** A module that reads each event, with its times and the numbers of its ids, and then drops it, has the ratios of " +
      `\`*_reading_*\`. Of the whole time that reading is: ${shares.join(", ")}. The rest is work that JSON.parse has no counterpart of: every event is taken into the ` +
      "states of several services (a look-up and a write each), windows are closed, insights written, and every purchase is held against the newest 32 of its account and of its address by fourteen " +
      "rules. To reach 1.5, all of that together would have to fit into what reading leaves of two thirds of JSON.parse's time.",
  ];
}

function mark(value: number, goal: string): string {
  if (goal === "") return "";
  const wanted = Number(goal.slice(2));
  return (goal.startsWith("≥") ? value >= wanted : value <= wanted) ? "✓" : "not yet";
}
