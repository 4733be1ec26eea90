/** The edge API: every route, what surrounds them, and how a failure becomes an answer. */
import { Hono, type Context, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { routePath } from "hono/route";

import { assertServable, type Principal } from "./auth/keys.ts";
import { allowedFor } from "./auth/origins.ts";
import { titlesSettings } from "./auth/titles.ts";
import type { Env } from "./env.ts";
import { failureAnswer } from "./failure.ts";
import { gameAnalyticsRoutes } from "./gameanalytics/routes.ts";
import { docsPage } from "./openapi/docs-page.ts";
import { openApiDocument } from "./openapi/document.ts";
import { Problem } from "./problem.ts";
import { ackRoutes } from "./routes/acks.ts";
import { eventRoutes } from "./routes/events.ts";
import { insightRoutes } from "./routes/insights.ts";
import { liveRoutes } from "./routes/live.ts";
import { playerRoutes } from "./routes/players.ts";
import { statusRoutes } from "./routes/status.ts";
import { streamRoutes } from "./routes/stream.ts";
import { titleRoutes } from "./routes/titles.ts";
import { settingsOf } from "./settings.ts";

/** What Hono carries through a request. */
export interface App {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Set by `requireRole`. */
    principal: Principal;
  };
}

/** Browsers ask again after this many seconds whether they may. */
const CORS_SECONDS = 86_400;

/** The methods of the paths that exist, for those who come with another one. */
const METHODS: readonly (readonly [path: RegExp, methods: readonly string[]])[] = [
  [/^\/v1\/events(\/[^/]+)?$/, ["POST"]],
  [/^\/v1\/(acks|rejected\/replay)$/, ["POST"]],
  [/^\/(remote_configs\/v1\/init|v2\/[^/]+\/(init|events))$/, ["POST"]],
  [/^\/v1\/insights\/[^/]+$/, ["GET", "POST"]],
  [/^\/v1\/stream\/[^/]+$/, ["GET"]],
  [/^\/v1\/players\/[^/]+$/, ["DELETE"]],
  [/^\/(healthz|docs|openapi\.json|v1\/(live|status|recent|rejected|titles))$/, ["GET"]],
];

const crossOrigin = cors({
  origin: (origin, c: Context<App>) => allowedFor(c.env, origin),
  allowMethods: ["GET", "POST", "DELETE", "OPTIONS"],
  allowHeaders: [
    "authorization",
    "content-type",
    "content-encoding",
    "idempotency-key",
    "x-client-time",
  ],
  exposeHeaders: ["retry-after", "x-request-id"],
  maxAge: CORS_SECONDS,
});

export const app = new Hono<App>();

app.use(async function nameRequest(c, next) {
  c.set("requestId", crypto.randomUUID());
  await next();
});
/** Only pages tell their origin; for all others the headers would cost and say nothing. */
const forPages: MiddlewareHandler<App> = async (c, next) =>
  c.req.header("origin") === undefined ? next() : crossOrigin(c, next);

for (const path of ["events", "insights", "status", "recent", "rejected", "titles", "players"]) {
  app.use(`/v1/${path}`, forPages);
  app.use(`/v1/${path}/*`, forPages);
}

// Game clients in browsers: what lacks the header looks to them like no answer at all.
app.use("/remote_configs/*", forPages);
app.use("/v2/*", forPages);

app.get("/healthz", async (c) => {
  settingsOf(c.env);
  titlesSettings(c.env);
  await assertServable(c.env, c.req.url);
  return c.json({ status: "ok" });
});
app.get("/openapi.json", (c) => c.json(openApiDocument()));
app.get("/docs", async () => docsPage());
app.route("/v1/events", eventRoutes);
app.route("/v1/stream", streamRoutes);
app.route("/v1/acks", ackRoutes);
app.route("/v1/insights", insightRoutes);
app.route("/v1/live", liveRoutes);
app.route("/v1/titles", titleRoutes);
app.route("/v1/players", playerRoutes);
app.route("/v1", statusRoutes);
app.route("/", gameAnalyticsRoutes);

app.notFound((c) => {
  const { method, path } = c.req;
  const requestId = c.get("requestId");
  const known = METHODS.find(([pattern]) => pattern.test(path));
  if (known !== undefined && !known[1].includes(method)) {
    const allow = known[1].join(", ");
    const detail = `${path} has no ${method}. It has ${allow}.`;
    const response = new Problem("method_not_allowed", detail).toResponse(requestId);
    response.headers.set("allow", allow);
    return response;
  }
  const detail = `There is nothing at ${method} ${path}. Events go to POST /v1/events/<topic>.`;
  return new Problem("not_found", detail).toResponse(requestId);
});

app.onError((error, c) => {
  const where = `${c.req.method} ${routePath(c, -1)}`;
  return failureAnswer(error, { requestId: c.get("requestId"), where });
});
