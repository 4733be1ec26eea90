/**
 * Where the API is and with which key to read it. Read at run time from `config.json` beside the
 * page, so that one build serves a laptop, a preview and production.
 */
import { SHOWN_TOPICS } from "./data/shown-topics.ts";

export interface Config {
  /** Origin of the API without a trailing slash; empty means the page's own origin. */
  readonly api: string;
  readonly readKey: string;
}

/** Reads a parsed `config.json`. Throws an error that names the field when it cannot be used. */
export function parseConfig(value: unknown): Config {
  if (typeof value !== "object" || value === null) {
    throw new Error(`config.json must hold an object such as { "api": "", "readKey": "…" }.`);
  }
  const { api = "", readKey } = value as { api?: unknown; readKey?: unknown };
  if (typeof api !== "string" || (api !== "" && !/^https?:\/\/[^/]+/.test(api))) {
    throw new Error(
      `config.json: "api" must be an origin such as "https://api.example.com", or "" for this page's own origin.`,
    );
  }
  if (typeof readKey !== "string" || !/^[\w.~-]+$/.test(readKey)) {
    throw new Error(
      `config.json: "readKey" must be a key of letters, digits, ".", "_", "~" or "-": it travels as a WebSocket subprotocol.`,
    );
  }
  return { api: api.replace(/\/+$/, ""), readKey };
}

/** The WebSocket address that belongs to the API. */
export function liveUrl(config: Config, pageOrigin: string): string {
  return `${(config.api || pageOrigin).replace(/^http/, "ws")}/v1/live?topics=${SHOWN_TOPICS.join(",")}`;
}
