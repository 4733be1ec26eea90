/** The settings of a deployment, read once per isolate from the variables of wrangler.toml. */
import type { Env } from "./env.ts";

export interface Settings {
  readonly shards: number;
  /** Shards for one title's events of one topic. */
  readonly topicShards: number;
  /** 0: no limit. */
  readonly keyRequestsPerS: number;
  readonly addressRequestsPerS: number;
  /** Records per topic and shard. */
  readonly feedWindow: number;
  /** Length of one feed response. */
  readonly feedResponseMs: number;
  /** How long an append waits for others to share its commit. */
  readonly groupCommitMs: number;
  /** Per shard. */
  readonly backlogBytesMax: number;
  readonly dedupeMs: number;
  /** Per shard. */
  readonly dedupeIdsMax: number;
  readonly insightsMs: number;
  /** Per topic. */
  readonly insightsRowsMax: number;
  readonly allowedOrigins: "*" | readonly string[];
}

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

/** A setting or secret that makes it unsafe or impossible to serve. */
export class MisconfiguredError extends Error {
  override readonly name = "MisconfiguredError";
}

const cache = new WeakMap<object, Settings>();

/**
 * Reads the settings.
 * @throws MisconfiguredError that names the variable and what it accepts
 */
export function settingsOf(env: Env): Settings {
  let settings = cache.get(env);
  if (settings === undefined) {
    settings = readSettings(env);
    cache.set(env, settings);
  }
  return settings;
}

function readSettings(env: Env): Settings {
  return {
    shards: integer(env, "SHARDS", { min: 1, max: 256 }),
    topicShards: integer(env, "TOPIC_SHARDS", { min: 1, max: 256 }),
    keyRequestsPerS: integer(env, "KEY_REQUESTS_PER_S", { min: 0, max: 1_000_000 }),
    addressRequestsPerS: integer(env, "ADDRESS_REQUESTS_PER_S", { min: 0, max: 1_000_000 }),
    feedWindow: integer(env, "FEED_WINDOW", { min: 1, max: 10_000_000 }),
    feedResponseMs: integer(env, "FEED_RESPONSE_MS", { min: 100, max: 25_000 }),
    groupCommitMs: integer(env, "GROUP_COMMIT_MS", { min: 0, max: 1_000 }),
    backlogBytesMax: integer(env, "BACKLOG_MIB_MAX", { min: 1, max: 8_192 }) * MIB,
    dedupeMs: integer(env, "DEDUPE_HOURS", { min: 0, max: 168 }) * HOUR_MS,
    dedupeIdsMax: integer(env, "DEDUPE_IDS_MAX", { min: 1_000, max: 2_000_000 }),
    insightsMs: integer(env, "INSIGHTS_HOURS", { min: 1, max: 8_760 }) * HOUR_MS,
    insightsRowsMax: integer(env, "INSIGHTS_ROWS_MAX", { min: 1_000, max: 10_000_000 }),
    allowedOrigins: origins(env.ALLOWED_ORIGINS),
  };
}

type NumberName =
  | "SHARDS"
  | "TOPIC_SHARDS"
  | "KEY_REQUESTS_PER_S"
  | "ADDRESS_REQUESTS_PER_S"
  | "FEED_WINDOW"
  | "FEED_RESPONSE_MS"
  | "GROUP_COMMIT_MS"
  | "BACKLOG_MIB_MAX"
  | "DEDUPE_HOURS"
  | "DEDUPE_IDS_MAX"
  | "INSIGHTS_HOURS"
  | "INSIGHTS_ROWS_MAX";

function integer(env: Env, name: NumberName, span: { min: number; max: number }): number {
  const value = Number(env[name]);
  if (Number.isInteger(value) && value >= span.min && value <= span.max) return value;
  throw new MisconfiguredError(
    `The variable ${name} is ${JSON.stringify(env[name])}, but must be an integer from ` +
      `${span.min} to ${span.max}. Set it under [vars] in wrangler.toml.`,
  );
}

function origins(list: string | undefined): "*" | readonly string[] {
  const names = (list ?? "*").split(",").map((name) => name.trim());
  return names.includes("*") ? "*" : names;
}
