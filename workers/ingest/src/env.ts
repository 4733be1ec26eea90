/** The bindings of wrangler.toml. */
import type { Journal } from "./journal/journal.ts";
import type { LiveHub } from "./live/live-hub.ts";

export interface Env {
  readonly JOURNAL: DurableObjectNamespace<Journal>;
  readonly LIVE: DurableObjectNamespace<LiveHub>;
  readonly ARENAFLOW_ENV: string;
  /** JSON: `[{ "sha256": "<hex of the key>", "title": "…", "roles": ["write", …] }]`. A secret. */
  readonly ARENAFLOW_KEYS?: string;
  /** JSON: `[{ "game_key": "…", "secret": "…", "title": "…" }]`, for GameAnalytics SDKs. A secret. */
  readonly ARENAFLOW_GAMEANALYTICS?: string;
  /** JSON by title: `{ "<title>": { "origins": […], "address_secret": "…" } }`. A secret. */
  readonly ARENAFLOW_TITLES?: string;
  readonly SHARDS: string;
  readonly TOPIC_SHARDS: string;
  readonly KEY_REQUESTS_PER_S: string;
  readonly ADDRESS_REQUESTS_PER_S: string;
  readonly FEED_WINDOW: string;
  readonly FEED_RESPONSE_MS: string;
  readonly GROUP_COMMIT_MS: string;
  readonly BACKLOG_MIB_MAX: string;
  readonly DEDUPE_HOURS: string;
  readonly DEDUPE_IDS_MAX: string;
  readonly INSIGHTS_HOURS: string;
  readonly INSIGHTS_ROWS_MAX: string;
  readonly ALLOWED_ORIGINS: string;
}
