/**
 * The part of a connector file that belongs to its type: `http:` or `graphite:`. Defaults are those
 * of the real connectors' code, which differ from their READMEs.
 */
import type { Fields } from "./fields.ts";

export interface HeaderLine {
  readonly name: string;
  readonly value: string;
}

export interface HttpSourceSettings {
  readonly type: "http-source";
  readonly endpoint: string;
  readonly method: string;
  readonly body: string | undefined;
  readonly headers: readonly HeaderLine[];
  readonly userAgent: string;
  /** Between polls. */
  readonly intervalMs: number;
  /** True: one endless response, cut at the delimiter. False: one record per response. */
  readonly stream: boolean;
  readonly delimiter: string;
  readonly outputParts: "body" | "full";
  readonly outputType: "text" | "json";
  /** Ours. The real connector takes an error page for records; here that is the exception. */
  readonly acceptAnyStatus: boolean;
  /** Ours. The real connector's wait between connects has no upper end. */
  readonly backoffMaxMs: number;
}

export interface HttpSinkSettings {
  readonly type: "http-sink";
  readonly endpoint: string;
  readonly method: string;
  readonly headers: readonly HeaderLine[];
  readonly userAgent: string;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Ours. The real connector takes every answer for success; here that is the exception. */
  readonly acceptAnyStatus: boolean;
}

export interface GraphiteSinkSettings {
  readonly type: "graphite-sink";
  readonly metricPath: string;
  readonly host: string;
  readonly port: number;
  /** Ours. After a reconnect everything written so recently is written again. */
  readonly resendMs: number;
  /** Ours. Where the connector's own series begin; without it there are none. */
  readonly reportPath: string | undefined;
}

export type ConnectorSettings = HttpSourceSettings | HttpSinkSettings | GraphiteSinkSettings;
export type ConnectorType = ConnectorSettings["type"];

const CONNECTOR_TYPES: readonly ConnectorType[] = ["http-source", "http-sink", "graphite-sink"];

const METHOD = /^[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*$/;
/** The real connector gives up counting at 1000 s; a stream that comes back should not wait so long. */
const SOURCE_BACKOFF_MAX_MS = 10_000;

/** Reads the settings of a connector of this type; problems go to the file's findings. */
export function readSettings(type: string, file: Fields, meta: Fields): ConnectorSettings {
  const known = CONNECTOR_TYPES.find((candidate) => candidate === type);
  if (known === undefined && type !== "") {
    meta.problem("type", `should be one of ${CONNECTOR_TYPES.join(", ")}, got ${type}`);
  }
  switch (known) {
    case "http-sink":
      return readHttpSink(file.below("http"));
    case "graphite-sink":
      return readGraphiteSink(file.below("graphite"));
    case "http-source":
    case undefined:
      return readHttpSource(file.below("http"));
  }
}

function readHttpSource(http: Fields): HttpSourceSettings {
  const settings: HttpSourceSettings = {
    type: "http-source",
    endpoint: readEndpoint(http),
    method: readMethod(http, "GET"),
    body: http.string("body", undefined),
    headers: readHeaders(http, { trim: false }) ?? [],
    userAgent: http.string("user_agent", "fluvio/http-source 0.5.0"),
    intervalMs: http.duration("interval", 10_000),
    stream: http.boolean("stream", false),
    delimiter: http.string("delimiter", "\n"),
    outputParts: http.oneOf("output_parts", ["body", "full"], "body"),
    outputType: http.oneOf("output_type", ["text", "json"], "text"),
    acceptAnyStatus: http.boolean("accept_any_status", false),
    backoffMaxMs: http.duration("reconnect_backoff_max", SOURCE_BACKOFF_MAX_MS),
  };
  if (settings.intervalMs <= 0) http.problem("interval", "should be longer than zero");
  if (settings.delimiter === "") http.problem("delimiter", "is empty: no record would ever end");
  http.warnUnknown({ "user-agent": "the key is user_agent" });
  return settings;
}

function readHttpSink(http: Fields): HttpSinkSettings {
  const settings: HttpSinkSettings = {
    type: "http-sink",
    endpoint: readEndpoint(http),
    method: readMethod(http, "POST"),
    headers: readHeaders(http, { trim: true }) ?? [{ name: "Content-Type", value: "text/html" }],
    userAgent: http.string("user_agent", "fluvio/http-sink 0.3.0"),
    requestTimeoutMs: http.duration("http_request_timeout", 15_000),
    connectTimeoutMs: http.duration("http_connect_timeout", 1_000),
    backoffMinMs: http.duration("backoff_min", 1_000),
    backoffMaxMs: http.duration("backoff_max", 60_000),
    acceptAnyStatus: http.boolean("accept_any_status", false),
  };
  http.warnUnknown({
    "user-agent": "the key is user_agent",
    interval: "a sink sends each record as it comes",
  });
  return settings;
}

function readGraphiteSink(graphite: Fields): GraphiteSinkSettings {
  const address = graphite.requiredString("addr");
  const match = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(address);
  if (match === null && address !== "") graphite.problem("addr", "should be host:port");
  if (!graphite.has("metric-path")) graphite.problem("metric-path", "is missing");
  const settings: GraphiteSinkSettings = {
    type: "graphite-sink",
    metricPath: graphite.string("metric-path", ""),
    host: match?.[1] ?? "",
    port: Number(match?.[2] ?? 0),
    resendMs: graphite.duration("resend", 60_000),
    reportPath: graphite.has("report-path") ? graphite.string("report-path", "") : undefined,
  };
  graphite.warnUnknown({ metric_path: "the key is metric-path" });
  return settings;
}

function readEndpoint(http: Fields): string {
  const endpoint = http.requiredString("endpoint");
  if (endpoint === "") return endpoint;
  if (!URL.canParse(endpoint)) {
    http.problem("endpoint", `should be an absolute URL, got ${endpoint}`);
    return endpoint;
  }
  const { protocol } = new URL(endpoint);
  if (protocol === "ws:" || protocol === "wss:") {
    http.problem("endpoint", "is a WebSocket, which this runner does not read yet: use http");
  } else if (protocol !== "http:" && protocol !== "https:") {
    http.problem("endpoint", `should begin with http:// or https://, got ${endpoint}`);
  }
  return endpoint;
}

function readMethod(http: Fields, otherwise: string): string {
  const method = http.string("method", otherwise);
  if (!METHOD.test(method)) http.problem("method", `should be an HTTP method, got ${method}`);
  return method.toUpperCase();
}

/** Lines of `Key: Value`. A line without a colon is left out, as the real connectors do. */
function readHeaders(http: Fields, how: { trim: boolean }): HeaderLine[] | undefined {
  return http.strings("headers")?.flatMap((line) => {
    const at = line.indexOf(":");
    if (at === -1) return [];
    const value = line.slice(at + 1);
    return [{ name: line.slice(0, at).trim(), value: how.trim ? value.trim() : value }];
  });
}
