/**
 * Makes a build of the dashboard one deployment's: where the API is, the key to read it with, and a
 * content security policy that lets the page connect there and nowhere else.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface DashboardTarget {
  /** The API's origin. */
  readonly api: string;
  readonly readKey: string;
  /** Address of the simulated game, where one is deployed. */
  readonly truth?: string | undefined;
}

/**
 * Reads the target from the environment.
 * @throws with what to set
 */
export function targetFrom(env: NodeJS.ProcessEnv): DashboardTarget {
  const { ARENAFLOW_API_URL: api, ARENAFLOW_READ_KEY: readKey, ARENAFLOW_TRUTH_URL: truth } = env;
  if (api === undefined || readKey === undefined) {
    throw new Error(
      "The dashboard has to know its API. Set ARENAFLOW_API_URL to the ingest Worker's address, such as " +
        "https://ingest.example.com, and ARENAFLOW_READ_KEY to a key with the role read.",
    );
  }
  const { protocol, origin } = new URL(api);
  if (protocol !== "https:") {
    throw new Error(
      `ARENAFLOW_API_URL is ${api}, expected an https address: the key travels to it.`,
    );
  }
  if (!/^[\w.~-]+$/.test(readKey)) {
    throw new Error(
      'ARENAFLOW_READ_KEY may hold letters, digits, ".", "_", "~" and "-": it travels as a WebSocket subprotocol.',
    );
  }
  if (readKey === "dev") {
    throw new Error("ARENAFLOW_READ_KEY is the key of the local stack, which no deployment takes.");
  }
  return { api: origin, readKey, truth };
}

/** A policy's text with `connect-src` narrowed down to the target. */
export function narrowed(text: string, { api, truth }: DashboardTarget): string {
  const simulation = truth === undefined ? [] : [new URL(truth).origin];
  const sources = ["'self'", api, api.replace(/^http/, "ws"), ...simulation];
  // Up to the directive's end; in HTML, Vite writes quotes as "&#39;", whose semicolon is none.
  const directive = /connect-src (?:&#\d+;|[^;"])+/g;
  const result = text.replace(directive, `connect-src ${sources.join(" ")}`);
  if (result === text) throw new Error("The build has no policy with connect-src to narrow down.");
  return result;
}

/**
 * Writes the target into a build.
 * @returns makes the build the local stack's again, which serves the same files
 */
export function configureDashboard(distDir: string, target: DashboardTarget): () => void {
  const { api, readKey, truth = "" } = target;
  const before = ["config.json", "_headers", "index.html"].map((file) => {
    const path = join(distDir, file);
    return { file, path, text: readFileSync(path, "utf8") };
  });
  const config = `${JSON.stringify({ api, readKey, truth })}\n`;
  for (const { file, path, text } of before) {
    writeFileSync(path, file === "config.json" ? config : narrowed(text, target));
  }
  return () => {
    for (const { path, text } of before) writeFileSync(path, text);
  };
}
