/** The ingest Worker and its Durable Objects. */
import { app } from "./app.ts";
import type { Env } from "./env.ts";
import { shortWay } from "./routes/short-way.ts";

export { Journal } from "./journal/journal.ts";
export { LiveHub } from "./live/live-hub.ts";

export default {
  fetch: (request: Request, env: Env, ctx: ExecutionContext) =>
    shortWay(request, env) ?? app.fetch(request, env, ctx),
};
