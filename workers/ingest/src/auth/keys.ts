/**
 * Who may do what. A key is known by its SHA-256 only; the clear key never leaves the client. The only
 * clear keys are `dev` and `dev-backfill`, and they open nothing but a local Worker reached over loopback.
 */
import { LOCAL_TITLE } from "@arenaflow/events";

import type { Env } from "../env.ts";
import { MisconfiguredError } from "../settings.ts";
import { ROLES, type Role } from "./roles.ts";

/** In the place of a title: the operator's keys, which are of no title and may see each of them. */
export const EVERY_TITLE = "*";
/** What a title may be called. */
export const TITLE_NAME = /^[\w.-]{1,64}$/;
export const TITLE_EXPECTED = '1 to 64 letters, digits, ".", "-" or "_"';

export interface Principal {
  /** The title (game) whose events these are; `EVERY_TITLE` for a key of none. */
  readonly title: string;
  readonly roles: readonly Role[];
  /** Whether it may ask for other titles, one at a time. */
  readonly everyTitle: boolean;
}

interface Key extends Principal {
  readonly digest: Uint8Array;
}

const LOCAL: Principal = { title: LOCAL_TITLE, roles: ROLES, everyTitle: true };
const LOCAL_BACKFILL: Principal = { title: LOCAL_TITLE, roles: ["backfill"], everyTitle: true };
/** The feed and the sinks carry records of all titles at once, so a title's own key must not do that. */
const OPERATORS_ONLY: Readonly<Record<Role, "yes" | "no" | "either">> = {
  write: "no",
  backfill: "no",
  feed: "yes",
  sink: "yes",
  read: "either",
  admin: "either",
};
const DEV_KEY = "dev";
/** For history: what comes with it keeps its times. */
const DEV_BACKFILL_KEY = "dev-backfill";
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
const DIGEST_BYTES = 32;
/** Longest key that is hashed: a longer header is nobody's key. */
const KEY_CHARS_MAX = 256;

const encoder = new TextEncoder();
const devBytes = encoder.encode(DEV_KEY);
const devBackfillBytes = encoder.encode(DEV_BACKFILL_KEY);
const keysCache = new WeakMap<object, Promise<readonly Key[]>>();

/**
 * Finds out who presents a key.
 * @param presented the clear key from the request
 * @returns the key's owner, or `undefined` when nobody has such a key
 * @throws MisconfiguredError when this deployment must not serve at all
 */
export async function principalOf(
  env: Env,
  url: string,
  presented: string,
): Promise<Principal | undefined> {
  if (env.ARENAFLOW_ENV === "local") {
    assertLoopback(url);
    const bytes = encoder.encode(presented);
    if (equalBytes(bytes, devBytes)) return LOCAL;
    if (equalBytes(bytes, devBackfillBytes)) return LOCAL_BACKFILL;
    if (env.ARENAFLOW_KEYS === undefined) return undefined;
  }
  if (presented.length > KEY_CHARS_MAX) return undefined;
  const keys = await keysOf(env);
  const digest = await sha256(presented);
  let found: Key | undefined;
  // Every key is compared, so that the time taken tells nothing about which ones exist.
  for (const key of keys) if (equalBytes(key.digest, digest)) found = key;
  return found;
}

/** Refuses to serve when a deployment has no keys of its own, or still has the local ones. */
export async function assertServable(env: Env, url: string): Promise<void> {
  if (env.ARENAFLOW_ENV === "local") assertLoopback(url);
  else await keysOf(env);
}

/** Scheme, host and port that were found to be loopback: nearly every request has the same. */
let knownLoopback = "http://127.0.0.1/";

function assertLoopback(url: string): void {
  if (url.startsWith(knownLoopback)) return;
  const { hostname, origin } = new URL(url);
  if (LOOPBACK.has(hostname)) {
    knownLoopback = `${origin}/`;
    return;
  }
  throw new MisconfiguredError(
    `ARENAFLOW_ENV is "local", where the key "dev" may do everything, but the request came for ` +
      `${hostname}, not for a loopback address. Deploy with ARENAFLOW_ENV set to another name and ` +
      `keys of your own (wrangler secret put ARENAFLOW_KEYS).`,
  );
}

/** The titles that keys of this deployment were made for. */
export async function titlesWithKeys(env: Env): Promise<readonly string[]> {
  if (env.ARENAFLOW_ENV === "local" && env.ARENAFLOW_KEYS === undefined) return [LOCAL_TITLE];
  const titles = (await keysOf(env)).map(({ title }) => title);
  if (env.ARENAFLOW_ENV === "local") titles.push(LOCAL_TITLE);
  return titles.filter((title) => title !== EVERY_TITLE);
}

async function keysOf(env: Env): Promise<readonly Key[]> {
  let keys = keysCache.get(env);
  if (keys === undefined) {
    keys = readKeys(env);
    keysCache.set(env, keys);
  }
  return keys;
}

async function readKeys(env: Env): Promise<readonly Key[]> {
  const text = env.ARENAFLOW_KEYS;
  if (text === undefined || text === "") {
    throw new MisconfiguredError(
      "The secret ARENAFLOW_KEYS is missing, so nobody could use this Worker. Set it with " +
        "`wrangler secret put ARENAFLOW_KEYS` to a JSON list of { sha256, title, roles }.",
    );
  }
  const list = parseList(text);
  const dev = await sha256(DEV_KEY);
  return list.map((entry, index) => {
    const key = readKey(entry, index);
    if (env.ARENAFLOW_ENV !== "local" && equalBytes(key.digest, dev)) {
      throw new MisconfiguredError(
        `Key ${index} of ARENAFLOW_KEYS is the development key "dev". Replace it with a secret one.`,
      );
    }
    return key;
  });
}

function parseList(text: string): readonly unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new MisconfiguredError("The secret ARENAFLOW_KEYS is not JSON.", { cause });
  }
  if (Array.isArray(list) && list.length > 0) return list;
  throw new MisconfiguredError("The secret ARENAFLOW_KEYS must be a JSON list with a key in it.");
}

function readKey(entry: unknown, index: number): Key {
  const { sha256: hex, title, roles } = (entry ?? {}) as { [field: string]: unknown };
  const known: readonly string[] = ROLES;
  if (
    typeof hex !== "string" ||
    !/^[0-9a-f]{64}$/i.test(hex) ||
    typeof title !== "string" ||
    !(title === EVERY_TITLE || TITLE_NAME.test(title)) ||
    !Array.isArray(roles) ||
    !roles.every((role) => known.includes(role as string))
  ) {
    throw new MisconfiguredError(
      `Key ${index} of ARENAFLOW_KEYS is wrong: expected { "sha256": 64 hex digits, "title": ` +
        `${TITLE_EXPECTED}, or "*", "roles": a list of ${ROLES.join(", ")} }.`,
    );
  }
  const everyTitle = title === EVERY_TITLE;
  for (const role of roles as Role[]) {
    if (OPERATORS_ONLY[role] === "either" || (OPERATORS_ONLY[role] === "yes") === everyTitle)
      continue;
    throw new MisconfiguredError(
      everyTitle
        ? `Key ${index} of ARENAFLOW_KEYS has the role "${role}", whose events need a title. Name one instead of "*".`
        : `Key ${index} of ARENAFLOW_KEYS has the role "${role}", which carries the records of all titles. Give it the title "*".`,
    );
  }
  return { digest: fromHex(hex), title, roles: roles as Role[], everyTitle };
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES);
  for (let i = 0; i < DIGEST_BYTES; i += 1) {
    bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && crypto.subtle.timingSafeEqual(a, b);
}
