/**
 * A look into running dataflows over HTTP, on this machine only and read-only:
 *
 *     GET /dataflows                                 names, and where to go from here
 *     GET /graphs                                    the pictures of all, as JSON
 *     GET /dataflows/<name>                          counters
 *     GET /dataflows/<name>/graph, …/graph.mmd       the picture with live counts: JSON, Mermaid
 *     GET /dataflows/<name>/states                   states and their columns
 *     GET /dataflows/<name>/states/<service>/<state>?limit=     rows
 *     GET /dataflows/<name>/sql?service=&q=&limit=   a query over the states that the service reaches
 *     GET /metrics                                   counters for Prometheus
 *
 * Pages served by this machine may read it; a page from elsewhere, or one whose name was made to
 * point here, may not.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EngineError } from "../engine/index.ts";
import { GraphMeter, toMermaid } from "./graph.ts";
import { toPrometheus } from "./metrics.ts";
import { RunnerError } from "./runner-error.ts";
import type { RunningDataflow } from "./running-dataflow.ts";

const HOST = "127.0.0.1";
const ROWS_DEFAULT = 100;
const ROWS_MAX = 10_000;
const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

export interface InspectorOptions {
  readonly dataflows: readonly RunningDataflow[];
  /** 0 takes any free port. */
  readonly port: number;
}

export interface Inspector {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws RunnerError `port_in_use` */
export async function startInspector(options: InspectorOptions): Promise<Inspector> {
  const nowMs = Date.now();
  const dataflows = new Map(
    options.dataflows.map((dataflow) => {
      const inspected = { dataflow, meter: new GraphMeter(dataflow, nowMs) };
      return [dataflow.plan.name, inspected];
    }),
  );
  const server = createServer((request, response) => void answer(dataflows, request, response));
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const inUse = `Port ${port} of ${HOST} cannot be used (${cause.code ?? String(cause)}). Name another one, or 0 for any.`;
      reject(new RunnerError("port_in_use", inUse, { cause }));
    });
    server.listen(port, HOST, resolve);
  });
}

interface Inspected {
  readonly dataflow: RunningDataflow;
  readonly meter: GraphMeter;
}

type Dataflows = ReadonlyMap<string, Inspected>;

/** An answer other than 200. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Body {
  readonly type: string;
  readonly text: string;
}

async function answer(
  dataflows: Dataflows,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers;
  if (origin !== undefined && LOOPBACK.test(origin.replace(/^https?:\/\//, ""))) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("vary", "origin");
  }
  response.setHeader("cache-control", "no-store");
  try {
    const { type, text } = await route(dataflows, request);
    response.writeHead(200, { "content-type": type }).end(text);
  } catch (cause) {
    const status = statusOf(cause);
    const detail = cause instanceof Error ? cause.message : String(cause);
    const problem = { type: "about:blank", title: "Not answered", status, detail };
    response
      .writeHead(status, { "content-type": "application/problem+json" })
      .end(JSON.stringify(problem));
  }
}

function statusOf(cause: unknown): number {
  if (cause instanceof Refusal) return cause.status;
  if (cause instanceof EngineError && cause.code === "query_refused") return 400;
  if (cause instanceof RunnerError && cause.code === "not_running") return 503;
  return 500;
}

async function route(dataflows: Dataflows, request: IncomingMessage): Promise<Body> {
  if (!LOOPBACK.test(request.headers.host ?? "")) {
    throw new Refusal(403, "Ask for 127.0.0.1 or localhost.");
  }
  if (request.method !== "GET") throw new Refusal(405, "Everything here is read with GET.");
  const url = new URL(request.url ?? "/", `http://${HOST}`);
  const [top, name, ...rest] = url.pathname.split("/").slice(1).map(decode);
  if (top === "metrics" && name === undefined) {
    const text = toPrometheus([...dataflows.values()].map(({ dataflow }) => dataflow.stats()));
    return { type: "text/plain; version=0.0.4; charset=utf-8", text };
  }
  if ((top === "" || top === "dataflows") && name === undefined) return json(listing(dataflows));
  if (top === "graphs" && name === undefined) {
    const nowMs = Date.now();
    return json({ dataflows: [...dataflows.values()].map(({ meter }) => meter.read(nowMs)) });
  }
  const inspected = top === "dataflows" ? dataflows.get(name ?? "") : undefined;
  if (inspected === undefined) {
    const known = [...dataflows.keys()].join(", ");
    throw new Refusal(404, `There is nothing at ${url.pathname}. Dataflows that run: ${known}.`);
  }
  return ofDataflow(inspected, rest, url.searchParams);
}

function listing(dataflows: Dataflows): unknown {
  return {
    dataflows: [...dataflows.values()].map(
      ({
        dataflow: {
          plan: { name, version },
        },
      }) => ({
        name,
        version,
        links: ["", "/graph", "/graph.mmd", "/states", "/sql?service=&q="].map(
          (path) => `/dataflows/${encodeURIComponent(name)}${path}`,
        ),
      }),
    ),
    graphs: "/graphs",
    metrics: "/metrics",
  };
}

async function ofDataflow(
  { dataflow, meter }: Inspected,
  [what, ...rest]: readonly string[],
  search: URLSearchParams,
): Promise<Body> {
  switch (what) {
    case undefined:
      return json(dataflow.stats());
    case "graph":
      return json(meter.read(Date.now()));
    case "graph.mmd": {
      const text = toMermaid(meter.read(Date.now()));
      return { type: "text/plain; charset=utf-8", text };
    }
    case "states":
      return rest.length === 0
        ? json({ states: statesOf(dataflow) })
        : json(await stateRows(dataflow, rest, search));
    case "sql":
      return json(await sqlRows(dataflow, search));
    default:
      throw new Refusal(404, `A dataflow has graph, graph.mmd, states and sql, not ${what}.`);
  }
}

function statesOf(dataflow: RunningDataflow): unknown {
  const { plan } = dataflow;
  const counts = dataflow.stats().engine.services;
  return plan.services.flatMap(({ name: service, states, window }, index) =>
    states.map(({ name, key, columns }) => ({
      service,
      name,
      key,
      columns,
      windowed: window !== null,
      rows_of_service: counts[index]?.rows ?? 0,
    })),
  );
}

async function stateRows(
  dataflow: RunningDataflow,
  [service = "", state = ""]: readonly string[],
  search: URLSearchParams,
): Promise<unknown> {
  const known = dataflow.plan.services.find(({ name }) => name === service)?.states;
  if (known?.some(({ name }) => name === state) !== true) {
    const all = dataflow.plan.services.flatMap(({ name, states }) =>
      states.map((each) => `${name}/${each.name}`),
    );
    throw new Refusal(404, `There is no state ${service}/${state}; there are ${all.join(", ")}.`);
  }
  const rowsMax = readLimit(search);
  const sql = `select * from \`${state}\``;
  return { groups: await dataflow.query({ service, sql, rowsMax }) };
}

async function sqlRows(dataflow: RunningDataflow, search: URLSearchParams): Promise<unknown> {
  const sql = search.get("q");
  if (sql === null || sql === "") throw new Refusal(400, "The query goes in q=, encoded.");
  const { services } = dataflow.plan;
  const service = search.get("service") ?? (services.length === 1 ? services[0]?.name : undefined);
  if (service === undefined || !services.some(({ name }) => name === service)) {
    const names = services.map(({ name }) => name).join(", ");
    throw new Refusal(400, `Whose states? Name a service with service=: ${names}.`);
  }
  return { groups: await dataflow.query({ service, sql, rowsMax: readLimit(search) }) };
}

function readLimit(search: URLSearchParams): number {
  const text = search.get("limit");
  if (text === null) return ROWS_DEFAULT;
  const limit = Number(text);
  if (/^\d{1,6}$/.test(text) && limit <= ROWS_MAX) return limit;
  throw new Refusal(400, `limit is a number of rows, at most ${ROWS_MAX}.`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, `${part} is not well encoded.`);
  }
}

function json(value: unknown): Body {
  return { type: "application/json", text: JSON.stringify(value) };
}
