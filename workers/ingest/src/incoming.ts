/**
 * A request on its way in, as little of it as the checks need. Hono's context is one; the short way of
 * batches has a smaller one (`routes/short-way.ts`).
 */
import type { Env } from "./env.ts";

export interface Incoming {
  readonly env: Env;
  readonly req: {
    readonly raw: Request;
    readonly url: string;
    header(name: string): string | undefined;
    query(name: string): string | undefined;
  };
}
