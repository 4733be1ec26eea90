/**
 * What a deployment says about single titles, in the secret `ARENAFLOW_TITLES`:
 * `{ "<title>": { "origins": ["https://…"], "address_secret": "…" } }`, both optional.
 */
import type { Env } from "../env.ts";
import { MisconfiguredError } from "../settings.ts";
import { TITLE_NAME } from "./keys.ts";

/** As many characters as a secret needs that nobody guesses. */
const SECRET_CHARS_MIN = 32;

export interface TitleSettings {
  /** Pages that may use the title's keys; absent: those of the deployment. */
  readonly origins?: "*" | readonly string[];
  /** When set, addresses are stored as an HMAC with it, and in no other form. */
  readonly addressSecret?: string;
}

type Titles = ReadonlyMap<string, TitleSettings>;
const cache = new WeakMap<object, Titles>();

/**
 * Settings of all titles that have any.
 * @throws MisconfiguredError that says what is wrong with the secret
 */
export function titlesSettings(env: Env): Titles {
  let titles = cache.get(env);
  if (titles === undefined) {
    titles = readTitles(env.ARENAFLOW_TITLES);
    cache.set(env, titles);
  }
  return titles;
}

/** Settings of one title, where it has any. */
export function titleSettings(env: Env, title: string): TitleSettings | undefined {
  return titlesSettings(env).get(title);
}

function readTitles(text: string | undefined): Titles {
  if (text === undefined || text === "") return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MisconfiguredError("The secret ARENAFLOW_TITLES is not JSON.", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MisconfiguredError("The secret ARENAFLOW_TITLES must be a JSON object by title.");
  }
  return new Map(Object.entries(value).map(([title, entry]) => [title, readTitle(title, entry)]));
}

function readTitle(title: string, entry: unknown): TitleSettings {
  const { origins, address_secret: secret } = (entry ?? {}) as { [field: string]: unknown };
  const list = Array.isArray(origins) ? (origins as unknown[]) : undefined;
  if (
    !TITLE_NAME.test(title) ||
    !(origins === undefined || list?.every((name) => typeof name === "string") === true) ||
    !(secret === undefined || (typeof secret === "string" && secret.length >= SECRET_CHARS_MIN))
  ) {
    throw new MisconfiguredError(
      `The title ${JSON.stringify(title)} of ARENAFLOW_TITLES is wrong: expected { "origins": a list of ` +
        `origins, "address_secret": at least ${SECRET_CHARS_MIN} characters }, both optional.`,
    );
  }
  return {
    ...(list === undefined ? {} : { origins: list.includes("*") ? "*" : (list as string[]) }),
    ...(secret === undefined ? {} : { addressSecret: secret }),
  };
}
