/**
 * A connector file as `cdk` reads it, made into typed values. Keys the real connectors ignore are
 * ignored here too, with a warning. Keys that only this runner knows are marked "ours": the real
 * connectors ignore them.
 */
import { parse as parseYaml, YAMLParseError } from "yaml";
import { Fields, type Findings } from "./fields.ts";
import { isSecretName, renderSecrets, withoutTemplates, type SecretSource } from "./secrets.ts";
import { readSettings, type ConnectorSettings } from "./settings.ts";

const API_VERSIONS = ["0.0.0", "0.1.0", "0.2.0"] as const;
type ApiVersion = (typeof API_VERSIONS)[number];

type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

interface ProducerSettings {
  readonly lingerMs: number | undefined;
  readonly batchBytesMax: number | undefined;
  readonly compression: Compression | undefined;
}

export type ConsumerStart =
  | "beginning"
  | "end"
  | { readonly absolute: number }
  | { readonly fromBeginning: number }
  | { readonly fromEnd: number };

interface ConsumerSettings {
  readonly partitions: "all" | readonly number[];
  /** Set when the position is stored on the server under this name. */
  readonly id: string | undefined;
  readonly commit: "none" | "manual" | "auto";
  readonly start: ConsumerStart;
  /** How long a position may stay unsaved. */
  readonly flushPeriodMs: number;
}

export interface ConnectorConfig {
  readonly name: string;
  readonly topic: { readonly name: string; readonly partitions: number };
  readonly producer: ProducerSettings;
  readonly consumer: ConsumerSettings;
  readonly settings: ConnectorSettings;
}

export type ConfigResult =
  | { readonly config: ConnectorConfig; readonly warnings: readonly string[] }
  | { readonly problems: readonly string[] };

const FLUSH_PERIOD_MS = 10_000;

/**
 * Reads one connector file.
 * @param text the file, not yet rendered
 * @param secrets where the values of its secrets come from
 */
export function parseConnector(text: string, secrets: SecretSource): ConfigResult {
  const declared = declaredSecrets(text);
  if ("problems" in declared) return declared;
  const rendered = renderSecrets(text, declared.names, secrets);
  if (rendered.problems.length > 0) return { problems: rendered.problems };

  const document = readYaml(rendered.text);
  if ("problems" in document) return document;
  const findings: Findings = { problems: [], warnings: [] };
  const config = readConnector(inlineSecrets(document.value, secrets), findings);
  return findings.problems.length > 0
    ? { problems: findings.problems }
    : { config, warnings: findings.warnings };
}

function readYaml(text: string): { value: unknown } | { problems: string[] } {
  try {
    return { value: parseYaml(text, { uniqueKeys: true }) };
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    return { problems: [`is not YAML: ${error.message.trim()}`] };
  }
}

/** The names under `meta.secrets`. A file without an apiVersion is of a time before secrets. */
function declaredSecrets(text: string): { names: string[] } | { problems: string[] } {
  const document = readYaml(withoutTemplates(text));
  if ("problems" in document) return document;
  const file = document.value as { apiVersion?: unknown; meta?: { secrets?: unknown } } | null;
  const list = file?.meta?.secrets;
  if (file?.apiVersion === undefined || file.apiVersion === "0.0.0" || list == null) {
    return { names: [] };
  }
  const entries = Array.isArray(list) ? (list as ({ name?: unknown } | null)[]) : [];
  const names = entries.map((entry) => entry?.name);
  const wrong = names.filter((name) => typeof name !== "string" || !isSecretName(name));
  if (!Array.isArray(list) || wrong.length > 0) {
    return {
      problems: [
        "meta.secrets should be a list of { name: NAME }; a name has letters, digits and _, and does not begin with a digit",
      ],
    };
  }
  return { names: names as string[] };
}

/** Replaces `{ secret: { name: X } }`, the other way to write a secret, by its value. */
function inlineSecrets(value: unknown, secrets: SecretSource): unknown {
  if (Array.isArray(value)) return value.map((item) => inlineSecrets(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  const name = (value as { secret?: { name?: unknown } }).secret?.name;
  if (typeof name === "string" && Object.keys(value).length === 1) return secrets(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [key, inlineSecrets(below, secrets)]),
  );
}

function readConnector(value: unknown, findings: Findings): ConnectorConfig {
  const file = new Fields(value, "", findings);
  const apiVersion = readApiVersion(file);
  if (!file.has("meta")) file.problem("meta", "is missing");
  const meta = file.below("meta");
  const name = meta.requiredString("name");
  const type = meta.requiredString("type");
  meta.requiredString("version");
  meta.raw("secrets");
  meta.raw("direction");
  const topic = readTopic(meta, apiVersion);
  const producer = readProducer(meta.below("producer"));
  const consumer = readConsumer(meta.below("consumer"));
  const transforms = file.raw("transforms");
  if (Array.isArray(transforms) && transforms.length > 0) {
    file.problem("transforms", "are not run here yet: put the transformation into a dataflow");
  }
  const settings = readSettings(type, file, meta);
  meta.warnUnknown({ "create-topic": "a missing topic is always created" });
  file.warnUnknown({ consumer: "it belongs under meta", producer: "it belongs under meta" });
  return { name, topic, producer, consumer, settings };
}

function readApiVersion(file: Fields): ApiVersion {
  const text = file.string("apiVersion", "0.0.0");
  const known = API_VERSIONS.find((version) => version === text);
  if (known === undefined) {
    file.problem("apiVersion", `should be one of ${API_VERSIONS.join(", ")}, got ${text}`);
  }
  return known ?? "0.0.0";
}

function readTopic(meta: Fields, apiVersion: ApiVersion): ConnectorConfig["topic"] {
  const raw = meta.raw("topic");
  const isObject = typeof raw === "object" && raw !== null;
  if (apiVersion !== "0.2.0") {
    if (isObject) {
      meta.problem(
        "topic",
        `should be a name: apiVersion ${apiVersion} has no topic settings; 0.2.0 has`,
      );
      return { name: "", partitions: 1 };
    }
    return { name: meta.requiredString("topic"), partitions: 1 };
  }
  if (!isObject) {
    meta.problem(
      "topic",
      "should be a mapping with meta.name: apiVersion 0.2.0 does not take a plain name",
    );
    return { name: "", partitions: 1 };
  }
  const topic = meta.below("topic");
  const partition = topic.below("partition");
  const partitions = partition.integer("count", 1);
  if (partitions < 1) partition.problem("count", "should be at least 1");
  return { name: topic.below("meta").requiredString("name"), partitions };
}

function readProducer(producer: Fields): ProducerSettings {
  const compression = producer.has("compression")
    ? producer.oneOf<Compression>("compression", ["none", "gzip", "snappy", "lz4", "zstd"], "none")
    : undefined;
  const settings = {
    lingerMs: producer.duration("linger", undefined),
    batchBytesMax: producer.bytes("batch-size", undefined),
    compression,
  };
  producer.warnUnknown();
  return settings;
}

function readConsumer(consumer: Fields): ConsumerSettings {
  consumer.bytes("max-bytes", undefined);
  consumer.bytes("max_bytes", undefined);
  const id = consumer.string("id", undefined);
  const offset = consumer.below("offset");
  const hasOffset = consumer.has("offset");
  if (hasOffset && !offset.has("strategy")) offset.problem("strategy", "is missing");
  const commit = offset.oneOf("strategy", ["none", "manual", "auto"], "none");
  if (commit !== "none" && id === undefined) {
    offset.problem("strategy", `${commit} needs consumer.id: the position is stored under it`);
  }
  const settings: ConsumerSettings = {
    partitions: readPartitions(consumer),
    id,
    commit,
    start: readStart(offset),
    flushPeriodMs: offset.duration("flush-period", FLUSH_PERIOD_MS),
  };
  offset.warnUnknown({ flush: "the key is flush-period" });
  consumer.warnUnknown();
  return settings;
}

function isPartition(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function readPartitions(consumer: Fields): "all" | readonly number[] {
  const raw = consumer.raw("partition");
  if (raw === undefined || raw === "all") return "all";
  const list: unknown[] = Array.isArray(raw) ? raw : [raw];
  if (list.length > 0 && list.every(isPartition)) return list;
  consumer.problem("partition", "should be all, a partition number, or a list of them");
  return "all";
}

function readStart(offset: Fields): ConsumerStart {
  const raw = offset.raw("start");
  if (raw === undefined || raw === "end") return "end";
  if (raw === "beginning") return "beginning";
  if (typeof raw === "object" && raw !== null && Object.keys(raw).length === 1) {
    const [[kind, count] = []] = Object.entries(raw);
    if (typeof count === "number" && Number.isInteger(count) && count >= 0) {
      if (kind === "absolute") return { absolute: count };
      if (kind === "from-beginning") return { fromBeginning: count };
      if (kind === "from-end") return { fromEnd: count };
    }
  }
  offset.problem(
    "start",
    "should be beginning, end, or one of { absolute: n }, { from-beginning: n }, { from-end: n }",
  );
  return "end";
}
