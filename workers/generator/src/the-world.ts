import type { Env } from "./env.ts";
import type { WorldObject } from "./world-object.ts";

/** There is one world, so that all streams tell of the same players. */
const WORLD_NAME = "world";

export function theWorld(env: Env): DurableObjectStub<WorldObject> {
  return env.WORLD.get(env.WORLD.idFromName(WORLD_NAME));
}
