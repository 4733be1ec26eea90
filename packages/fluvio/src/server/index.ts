/** The embedded server. */
export { startFluvioServer, type FluvioServer, type FluvioServerOptions } from "./fluvio-server.ts";
export type { Log, LogLine } from "./log-line.ts";
export { DEFAULT_SETTINGS, type ServerSettings } from "./settings.ts";
