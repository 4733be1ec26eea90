/**
 * From which pages browsers may call. A title has its own list (`ARENAFLOW_TITLES`), or that of the
 * deployment (`ALLOWED_ORIGINS`). A preflight names no key, so it is answered for all titles together;
 * the request itself is held against the list of its key's title.
 */
import type { Env } from "../env.ts";
import type { Incoming } from "../incoming.ts";
import { Problem } from "../problem.ts";
import { settingsOf } from "../settings.ts";
import type { Principal } from "./keys.ts";
import { titleSettings, titlesSettings } from "./titles.ts";

/** Whether a page may ask at all: what a preflight is told. `*` when every page may. */
export function allowedFor(env: Env, origin: string): string | null {
  const { allowedOrigins } = settingsOf(env);
  if (allowedOrigins === "*") return "*";
  if (allowedOrigins.includes(origin)) return origin;
  for (const { origins } of titlesSettings(env).values()) {
    if (origins === "*" || origins?.includes(origin) === true) return origin;
  }
  return null;
}

/**
 * Holds the page that a request comes from against the list of the key's title.
 * @throws Problem `origin_not_allowed`
 */
export function checkOrigin(c: Incoming, { title }: Pick<Principal, "title">): void {
  const origin = c.req.header("origin");
  if (origin === undefined) return;
  const allowed = titleSettings(c.env, title)?.origins ?? settingsOf(c.env).allowedOrigins;
  if (allowed === "*" || allowed.includes(origin) || origin === new URL(c.req.url).origin) return;
  throw new Problem(
    "origin_not_allowed",
    `Pages of ${origin} may not use this key. Add the origin to the title's "origins" in ARENAFLOW_TITLES.`,
    { field: "origin", expected: "an origin of the title's list", got: origin },
  );
}
