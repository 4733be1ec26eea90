import type { WorldObject } from "./world-object.ts";

export interface Env {
  readonly WORLD: DurableObjectNamespace<WorldObject>;
  /** An integer; decides who the players are. */
  readonly SEED: string;
  /** Name of the scenario that is played until a visitor chooses another; absent: `default`. */
  readonly SCENARIO?: string;
  /** When set, `POST /v1/scenario` needs it as a bearer key. Unset on a laptop. */
  readonly CONTROL_KEY?: string;
}
