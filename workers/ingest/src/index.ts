/** The ingest Worker and its Durable Objects. */
import { app } from "./app.ts";

export { Journal } from "./journal/journal.ts";
export { LiveHub } from "./live/live-hub.ts";

export default { fetch: app.fetch };
