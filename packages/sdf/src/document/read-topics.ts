/** The `config` and `topics` sections. */
import type { Converter, StartingOffset, Topic } from "./ir.ts";
import type { Entry, Reader } from "./reader.ts";
import type { Types } from "./read-types.ts";

export interface Config {
  readonly converter: Converter;
  readonly start: StartingOffset;
  readonly consumer: Readonly<Record<string, unknown>>;
  readonly producer: Readonly<Record<string, unknown>>;
}

/** What SDF does without a `config`. */
const DEFAULTS: Config = {
  converter: "raw",
  start: { position: "end", value: 0 },
  consumer: {},
  producer: {},
};
const TOPIC_KEYS = [
  "name",
  "schema",
  "consumer",
  "producer",
  "converter",
  "partitions",
  "remote_cluster_profile",
] as const;

export function readConfig(reader: Reader, entry: Entry | undefined): Config {
  if (entry === undefined) return DEFAULTS;
  const keys = ["converter", "consumer", "producer"] as const;
  const fields = reader.fields(entry.value, "config", entry.at, keys);
  return {
    converter: readConverter(reader, fields.converter) ?? DEFAULTS.converter,
    ...readClients(reader, fields.consumer, fields.producer, DEFAULTS),
  };
}

function readConverter(reader: Reader, entry: Entry | undefined): Converter | undefined {
  if (entry === undefined) return undefined;
  const name = reader.string(entry, "converter", entry.at);
  if (name === "json" || name === "raw" || name === undefined) return name;
  return reader.report(
    reader.place(entry.value, entry.at),
    `unknown converter "${name}"`,
    "json or raw",
  );
}

function readClients(
  reader: Reader,
  consumer: Entry | undefined,
  producer: Entry | undefined,
  base: Omit<Config, "converter">,
): Omit<Config, "converter"> {
  const settings = (entry: Entry | undefined) =>
    (reader.plain(entry?.value ?? null) ?? {}) as Record<string, unknown>;
  const own = settings(consumer);
  return {
    start: readStart(reader, consumer) ?? base.start,
    consumer: { ...base.consumer, ...own },
    producer: { ...base.producer, ...settings(producer) },
  };
}

function readStart(reader: Reader, consumer: Entry | undefined): StartingOffset | undefined {
  if (consumer === undefined) return undefined;
  const entry = reader
    .map(consumer.value, "consumer", consumer.at)
    .find((e) => e.key === "default_starting_offset");
  if (entry === undefined) return undefined;
  const fields = reader.fields(entry.value, "default_starting_offset", entry.at, [
    "value",
    "position",
  ]);
  const value = reader.number(fields.value, "value") ?? 0;
  const position = reader.string(fields.position, "position", entry.at);
  if (position === undefined) return undefined;
  const lower = position.toLowerCase();
  if (lower === "end" || lower === "offset") return { position: lower, value };
  // SDF's own example files have it with one n.
  if (lower === "beginning" || lower === "begining") return { position: "beginning", value };
  const at = reader.place(fields.position?.value ?? null, entry.at);
  return reader.report(at, `unknown position "${position}"`, "Beginning, End or Offset");
}

export function readTopics(
  reader: Reader,
  entry: Entry | undefined,
  types: Types,
  config: Config,
): Topic[] {
  if (entry === undefined) return [];
  const topics: Topic[] = [];
  for (const item of reader.map(entry.value, "topics", entry.at)) {
    const topic = readTopic(reader, item, types, config);
    if (topic !== undefined) topics.push(topic);
  }
  return topics;
}

function readTopic(reader: Reader, item: Entry, types: Types, config: Config): Topic | undefined {
  const fields = reader.fields(item.value, `topic "${item.key}"`, item.at, TOPIC_KEYS);
  if (fields.remote_cluster_profile !== undefined) {
    reader.report(
      fields.remote_cluster_profile.at,
      "remote_cluster_profile is not supported: all topics are of one cluster",
      "name the cluster when the dataflow is run: --endpoint host:port",
    );
  }
  const schema = reader.fields(fields.schema?.value ?? null, "schema", item.at, ["key", "value"]);
  if (schema.value === undefined)
    return reader.report(
      item.at,
      `topic "${item.key}" has no schema`,
      "add `schema: { value: { type: … } }`",
    );
  const value = types.use(schema.value.value, schema.value.at);
  if (value === undefined) return undefined;
  const keyEntry = schema.key;
  const key = keyEntry === undefined ? undefined : types.use(keyEntry.value, keyEntry.at);
  const own = reader
    .map(schema.value.value, "value", schema.value.at)
    .find((inner) => inner.key === "converter");
  const converter =
    readConverter(reader, own) ?? readConverter(reader, fields.converter) ?? config.converter;
  return {
    id: item.key,
    name: reader.optionalString(fields.name, "name") ?? item.key,
    ...(key === undefined ? {} : { key }),
    value,
    converter,
    ...readClients(reader, fields.consumer, fields.producer, config),
    at: item.at,
  };
}
