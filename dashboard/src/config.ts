/**
 * Where the API is and with which key to read it. Read at run time from `config.json` beside the
 * page, so that one build serves a laptop, a preview and production.
 */

export interface Config {
  /** Origin of the API without a trailing slash; empty means the page's own origin. */
  readonly api: string;
  readonly readKey: string;
  /** Where the simulated game tells what it did on purpose; empty where there is none. */
  readonly truth: string;
}

/** Reads a parsed `config.json`. Throws an error that names the field when it cannot be used. */
export function parseConfig(value: unknown): Config {
  if (typeof value !== "object" || value === null) {
    throw new Error(`config.json must hold an object such as { "api": "", "readKey": "…" }.`);
  }
  const { api = "", readKey, truth = "" } = value as { readonly [field: string]: unknown };
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
  if (typeof truth !== "string" || (truth !== "" && !/^(https?:\/\/[^/]|\/)/.test(truth))) {
    throw new Error(
      `config.json: "truth" must be the simulated game's address, such as "https://generator.example.com", or "".`,
    );
  }
  return { api: api.replace(/\/+$/, ""), readKey, truth: truth.replace(/\/+$/, "") };
}

/** The WebSocket address that belongs to the API. Every topic: a socket there may name at most ten. */
export function liveUrl(config: Config, pageOrigin: string): string {
  return `${(config.api || pageOrigin).replace(/^http/, "ws")}/v1/live`;
}
