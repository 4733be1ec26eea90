/** `arenaflow topics`: what `fluvio topic` does. */
import { Fluvio, type TopicDescription, type TopicOptions } from "@arenaflow/fluvio/client";
import { parseBytes, parseDuration } from "../connectors/units.ts";
import {
  type Command,
  ENDPOINT_HELP,
  ENDPOINT_OPTION,
  fluvioEndpoint,
  readArgs,
  readCount,
  readUnit,
  UsageError,
} from "./command.ts";

const HELP = `Usage: arenaflow topics [list]
       arenaflow topics create NAME [options]
       arenaflow topics describe NAME
       arenaflow topics add-partition NAME [--count N]
       arenaflow topics delete NAME

  --partitions N, -p    of the new topic; default 1
  --replication N, -r   copies of each partition; default 1
  --retention-time T    how long records are kept, e.g. 2h
  --segment-size SIZE   size at which a segment is closed, e.g. 64MB
  --max-partition-size SIZE  beyond it the oldest segments are deleted
  --compression-type TYPE    any (default), none, gzip, snappy, lz4 or zstd
  --count N, -c         partitions to add; default 1
  --output TYPE, -O     table (default) or json, of list and describe
${ENDPOINT_HELP}`;

const OPTIONS = {
  ...ENDPOINT_OPTION,
  partitions: { type: "string", short: "p" },
  replication: { type: "string", short: "r" },
  "retention-time": { type: "string" },
  "segment-size": { type: "string" },
  "max-partition-size": { type: "string" },
  "compression-type": { type: "string" },
  count: { type: "string", short: "c" },
  output: { type: "string", short: "O", default: "table" },
} as const;

const COMPRESSIONS = ["any", "none", "gzip", "snappy", "lz4", "zstd"] as const;

export const command: Command = { help: HELP, run: topics };

type Values = ReturnType<typeof readArgs<typeof OPTIONS>>["values"];
type Action = (fluvio: Fluvio, name: string, values: Values) => Promise<void>;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: async (fluvio, _, values) => show(await describeAll(fluvio), values.output),
  create: (fluvio, name, values) => fluvio.admin.createTopic(name, readTopic(values)),
  describe: async (fluvio, name, values) => {
    const topic = await fluvio.admin.describeTopic(name);
    if (topic === undefined) throw new UsageError(`there is no topic "${name}"`);
    show([await describe(fluvio, topic)], values.output);
  },
  "add-partition": (fluvio, name, values) =>
    fluvio.admin.addPartitions(name, readCount("count", values.count) ?? 1),
  delete: (fluvio, name) => fluvio.admin.deleteTopic(name),
};

async function topics(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  const [name = "list", topic = ""] = positionals;
  const action = ACTIONS[name];
  if (action === undefined) {
    throw new UsageError(`expected ${Object.keys(ACTIONS).join(", ")}, got ${name}`);
  }
  if (name !== "list" && topic === "") throw new UsageError(`${name} needs a topic's name`);
  if (!["table", "json"].includes(values.output)) {
    throw new UsageError(`--output should be table or json, got ${values.output}`);
  }
  const fluvio = await Fluvio.connect({ endpoint: fluvioEndpoint(values.endpoint) });
  try {
    await action(fluvio, topic, values);
  } finally {
    await fluvio.close();
  }
  return 0;
}

function readTopic(values: Values): TopicOptions {
  const retentionMs = readUnit("retention-time", values["retention-time"], parseDuration, "2h");
  const segmentBytes = readUnit("segment-size", values["segment-size"], parseBytes, "64MB");
  const size = values["max-partition-size"];
  const partitionBytesMax = readUnit("max-partition-size", size, parseBytes, "1GB");
  const type = values["compression-type"] ?? "any";
  const compression = COMPRESSIONS.find((known) => known === type);
  if (compression === undefined) {
    throw new UsageError(`--compression-type should be ${COMPRESSIONS.join(", ")}, got ${type}`);
  }
  return {
    partitions: readCount("partitions", values.partitions) ?? 1,
    replicationFactor: readCount("replication", values.replication) ?? 1,
    compression,
    ...(retentionMs === undefined ? {} : { retentionSeconds: Math.ceil(retentionMs / 1000) }),
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
    ...(partitionBytesMax === undefined ? {} : { partitionBytesMax }),
  };
}

interface TopicRow {
  readonly name: string;
  readonly partitions: number;
  readonly records: number;
  readonly retention_seconds: number | null;
  readonly compression: string;
  readonly offsets: readonly { partition: number; start: number; end: number }[];
}

async function describeAll(fluvio: Fluvio): Promise<TopicRow[]> {
  const rows: TopicRow[] = [];
  for (const { name } of await fluvio.admin.listTopics()) {
    const topic = await fluvio.admin.describeTopic(name);
    if (topic !== undefined) rows.push(await describe(fluvio, topic));
  }
  return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function describe(fluvio: Fluvio, topic: TopicDescription): Promise<TopicRow> {
  const offsets = await fluvio.offsets(topic.name);
  return {
    name: topic.name,
    partitions: topic.partitions,
    records: offsets.reduce((sum, { start, end }) => sum + end - start, 0),
    retention_seconds: topic.spec.retentionSeconds,
    compression: topic.spec.compression,
    offsets,
  };
}

function show(rows: readonly TopicRow[], output: string): void {
  if (output === "json") {
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  const table = [
    ["TOPIC", "PARTITIONS", "RECORDS", "RETENTION", "COMPRESSION"],
    ...rows.map((row) => [
      row.name,
      `${row.partitions}`,
      `${row.records}`,
      row.retention_seconds === null ? "default" : `${row.retention_seconds}s`,
      row.compression,
    ]),
  ];
  const [heads = []] = table;
  const widths = heads.map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of table) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    console.log(cells.join("  ").trimEnd());
  }
}
