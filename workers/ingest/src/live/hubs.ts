/** The hubs, by title. Each title has one of its own: neither history nor positions nor limits are shared. */
import { LOCAL_TITLE } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import type { Env } from "../env.ts";
import type { LiveHub } from "./live-hub.ts";

/** The hub of the local title, which also remembers what titles there are. */
export const HUB_NAME = "live";

/** The hub of one title. */
export function hubOf(env: Env, title: string): DurableObjectStub<LiveHub> {
  return env.LIVE.get(env.LIVE.idFromName(title === LOCAL_TITLE ? HUB_NAME : `live/${title}`));
}

/** Titles that this isolate has told the register of. */
const noted = new Set<string>([LOCAL_TITLE]);

/** Makes sure that a title is in the register. Costs a call for the first insight of a title only. */
export async function noteTitle(env: Env, title: string): Promise<void> {
  if (noted.has(title)) return;
  await hubOf(env, LOCAL_TITLE).noteTitle(title);
  if (noted.size < INGEST_LIMITS.titlesMax) noted.add(title);
}

/** The titles that insights came for. */
export async function titlesSeen(env: Env): Promise<readonly string[]> {
  return hubOf(env, LOCAL_TITLE).titles();
}
