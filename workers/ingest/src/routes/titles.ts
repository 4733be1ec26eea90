/** `GET /v1/titles`: what a key may look at. */
import { Hono } from "hono";

import type { App } from "../app.ts";
import { EVERY_TITLE, titlesWithKeys } from "../auth/keys.ts";
import { requireRole } from "../auth/require-role.ts";
import { titlesSeen } from "../live/hubs.ts";

export const titleRoutes = new Hono<App>().get("/", requireRole("read", "admin"), async (c) => {
  const { title, everyTitle } = c.get("principal");
  const titles = everyTitle
    ? new Set([...(await titlesWithKeys(c.env)), ...(await titlesSeen(c.env))])
    : [title];
  return c.json({
    titles: [...titles].toSorted(),
    // What is shown when a request names none; null when it has to.
    title: title === EVERY_TITLE ? null : title,
    request_id: c.get("requestId"),
  });
});
