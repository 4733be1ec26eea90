/** What a visitor or a test can make happen in the world, as `POST /v1/scenario` takes it. */
import { JsonReader } from "./json-reader.ts";
import { FRAUD_PATTERNS, type FraudPattern, LOOK_ALIKES, type LookAlike } from "./scenario.ts";
import type { TruthDetail } from "./truth.ts";

export const INJECTIONS = [
  "fraud-burst",
  "look-alike",
  "stuck-level",
  "latency-spike",
  "server-crash",
  "drain",
  "viral-peak",
  "calm",
] as const;

export type Injection =
  | {
      readonly inject: "fraud-burst";
      readonly pattern: FraudPattern;
      readonly itemId?: string | undefined;
      readonly count?: number | undefined;
    }
  | {
      readonly inject: "look-alike";
      readonly pattern: LookAlike;
      readonly itemId?: string | undefined;
      readonly count?: number | undefined;
    }
  | {
      readonly inject: "stuck-level";
      readonly levelId?: string | undefined;
      readonly mapId?: string | undefined;
      readonly seconds: number;
    }
  | {
      readonly inject: "latency-spike";
      readonly serverId?: string | undefined;
      readonly factor: number;
      readonly seconds: number;
    }
  | {
      readonly inject: "server-crash";
      readonly serverId?: string | undefined;
      readonly seconds: number;
    }
  | {
      readonly inject: "drain";
      readonly serverId?: string | undefined;
      readonly into?: string | undefined;
      readonly seconds: number;
    }
  | { readonly inject: "viral-peak"; readonly factor: number; readonly seconds: number }
  | { readonly inject: "calm" };

/** What came of an injection. */
export interface InjectionReceipt {
  readonly inject: Injection["inject"] | "scenario";
  /** Epoch milliseconds. */
  readonly started_at: number;
  readonly ends_at: number;
  /** What the world chose where the request left it open. */
  readonly detail: TruthDetail;
}

const SECONDS = { min: 1, max: 3600 };
const PURCHASES = { min: 1, max: 500 };
const FACTOR = { min: 1, max: 50 };
const DEFAULT_SECONDS = { stuck: 60, spike: 20, crash: 15, drain: 120, viral: 60 };
const DEFAULT_SPIKE_FACTOR = 6;
const DEFAULT_VIRAL_FACTOR = 10;

/**
 * Reads an injection.
 * @param value parsed JSON such as `{"inject": "server-crash", "server_id": "server_1"}`
 * @throws InvalidInput naming the field that is wrong
 */
export function parseInjection(value: unknown): Injection {
  const reader = new JsonReader(value);
  const injection = readInjection(reader, reader.oneOf("inject", INJECTIONS));
  reader.done();
  return injection;
}

function readInjection(reader: JsonReader, inject: Injection["inject"]): Injection {
  const text = (name: string) => (reader.has(name) ? reader.text(name) : undefined);
  const seconds = (ordinary: number) =>
    reader.has("seconds") ? reader.number("seconds", SECONDS) : ordinary;
  const factor = (ordinary: number) =>
    reader.has("factor") ? reader.number("factor", FACTOR) : ordinary;
  const purchases = () => ({
    itemId: text("item_id"),
    count: reader.has("count") ? reader.integer("count", PURCHASES) : undefined,
  });
  switch (inject) {
    case "fraud-burst": {
      const pattern = reader.has("pattern")
        ? reader.oneOf("pattern", FRAUD_PATTERNS)
        : "velocity-account";
      return { inject, pattern, ...purchases() };
    }
    case "look-alike":
      return { inject, pattern: reader.oneOf("pattern", LOOK_ALIKES), ...purchases() };
    case "stuck-level":
      return {
        inject,
        levelId: text("level_id"),
        mapId: text("map_id"),
        seconds: seconds(DEFAULT_SECONDS.stuck),
      };
    case "latency-spike":
      return {
        inject,
        serverId: text("server_id"),
        factor: factor(DEFAULT_SPIKE_FACTOR),
        seconds: seconds(DEFAULT_SECONDS.spike),
      };
    case "server-crash":
      return { inject, serverId: text("server_id"), seconds: seconds(DEFAULT_SECONDS.crash) };
    case "drain":
      return {
        inject,
        serverId: text("server_id"),
        into: text("into"),
        seconds: seconds(DEFAULT_SECONDS.drain),
      };
    case "viral-peak":
      return {
        inject,
        factor: factor(DEFAULT_VIRAL_FACTOR),
        seconds: seconds(DEFAULT_SECONDS.viral),
      };
    case "calm":
      return { inject };
  }
}
