/**
 * Game keys of GameAnalytics SDKs. They sign requests with a secret of their own, so the secret has to
 * be known here in clear; it is kept as a Cloudflare secret, and opens nothing but these routes.
 */
import { LOCAL_GAME, LOCAL_TITLE } from "@arenaflow/events";

import { assertServable, TITLE_EXPECTED, TITLE_NAME } from "../auth/keys.ts";
import type { Env } from "../env.ts";
import { MisconfiguredError } from "../settings.ts";

/** What the SDKs themselves demand of keys. */
const GAME_KEY = /^[A-Za-z0-9]{32}$/;
const SECRET = /^[A-Za-z0-9]{40}$/;

export interface Game {
  readonly title: string;
  readonly secret: CryptoKey;
}

type Games = ReadonlyMap<string, Game>;
const cache = new WeakMap<object, Promise<Games>>();

/**
 * Finds the game of a key.
 * @throws MisconfiguredError when this deployment must not serve at all
 */
export async function gameOf(env: Env, url: string, gameKey: string): Promise<Game | undefined> {
  await assertServable(env, url);
  let games = cache.get(env);
  if (games === undefined) {
    games = readGames(env);
    cache.set(env, games);
  }
  return (await games).get(gameKey);
}

/** Whether a signature is the HMAC-SHA256 of the bytes, in constant time. */
export async function isSignedBy(
  game: Game,
  signature: string | undefined,
  bytes: Uint8Array,
): Promise<boolean> {
  let given: Uint8Array;
  try {
    given = Uint8Array.from(atob(signature ?? ""), (char) => char.charCodeAt(0));
  } catch {
    return false;
  }
  return crypto.subtle.verify("HMAC", game.secret, given, bytes);
}

async function readGames(env: Env): Promise<Games> {
  const entries: unknown[] =
    env.ARENAFLOW_ENV === "local" ? [{ ...LOCAL_GAME, title: LOCAL_TITLE }] : [];
  if (env.ARENAFLOW_GAMEANALYTICS !== undefined)
    entries.push(...parse(env.ARENAFLOW_GAMEANALYTICS));
  return new Map(await Promise.all(entries.map(async (entry, index) => readGame(entry, index))));
}

function parse(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list;
  } catch {
    // Told below.
  }
  throw new MisconfiguredError("The secret ARENAFLOW_GAMEANALYTICS is not a JSON list.");
}

async function readGame(entry: unknown, index: number): Promise<readonly [string, Game]> {
  const { game_key, secret, title } = (entry ?? {}) as { [field: string]: unknown };
  if (
    typeof game_key !== "string" ||
    typeof secret !== "string" ||
    typeof title !== "string" ||
    !GAME_KEY.test(game_key) ||
    !SECRET.test(secret) ||
    !TITLE_NAME.test(title)
  ) {
    throw new MisconfiguredError(
      `Game ${index} of ARENAFLOW_GAMEANALYTICS is wrong: expected { "game_key": 32 letters and digits, ` +
        `"secret": 40 letters and digits, "title": ${TITLE_EXPECTED} }.`,
    );
  }
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["verify"]);
  return [game_key, { title, secret: key }];
}
