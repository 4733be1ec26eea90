/** The generator Worker: a simulated game behind HTTP. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { controlPage } from "./control-page/index.ts";
import type { Env } from "./env.ts";
import { problemResponse } from "./problem.ts";
import { streams } from "./routes/streams.ts";
import { world } from "./routes/world.ts";

export { WorldObject } from "./world-object.ts";

const app = new Hono<{ Bindings: Env }>();

app.get("/", (c) => c.html(controlPage));
// What the game did is no secret, and a dashboard on another origin compares with it.
app.use("/v1/truth", cors({ origin: "*", allowMethods: ["GET"] }));
app.get("/healthz", (c) => c.json({ status: "ok" }));
app.route("/v1", streams);
app.route("/v1", world);

app.notFound((c) =>
  problemResponse({
    status: 404,
    code: "not_found",
    title: "Not found",
    detail: `There is no ${c.req.method} ${c.req.path}. See / for what there is.`,
  }),
);

app.onError((error) =>
  problemResponse({
    status: 500,
    code: "internal_error",
    title: "The generator failed",
    detail: `${error.message}. This is a fault of the generator; ask again, and report it if it stays.`,
  }),
);

export default app;
