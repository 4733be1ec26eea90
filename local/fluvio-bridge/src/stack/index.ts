/**
 * The whole stack on one machine: Workers, Fluvio, dataflows and connectors, each in a process of
 * its own, all on loopback. Parts meet only over HTTP and Fluvio's wire protocol.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatLogLine, type Log, type LogLine } from "../log.ts";
import type { ChildName, ChildSettings, ChildStats, ReadyReport } from "./child-protocol.ts";
import { connectorPaths } from "./connector-paths.ts";
import type { GraphitePorts } from "./graphite/files.ts";
import { graphitePlan, type GraphiteChoice } from "./graphite/plan.ts";
import { buildDashboard, dashboardIsBuilt, dashboardNeedsBuild } from "./dashboard.ts";
import { dataLayout, type DataLayout, PROJECT } from "./layout.ts";
import { LogFile } from "./log-file.ts";
import { ManagedChild } from "./managed-child.ts";
import {
  checkFiles,
  checkNotRunning,
  checkPorts,
  waitForOrphans,
  type Ports,
} from "./preflight.ts";
import { StackError } from "./stack-error.ts";

export { StackError } from "./stack-error.ts";

export interface StackOptions {
  /** 0, the default, takes any free port. */
  readonly ports?: Partial<Ports>;
  /** Where Workers, Fluvio and dataflows keep their data, and logs. */
  readonly dataDir: string;
  /** How long topics keep their records, in milliseconds. Default: a day. */
  readonly retentionMs?: number;
  /** The files that the topics `catalog-*` say again. Default: the project's `catalog/`. */
  readonly catalogDir?: string;
  /** Simulated players, purchases and servers. Default: true. */
  readonly generator?: boolean;
  /** Where the dataflows' aggregates go: to a carbon elsewhere, or to a Graphite that is started too. */
  readonly graphite?: GraphiteChoice;
  /** Forget what an earlier run has left in the data folder. */
  readonly fresh?: boolean;
  /** Added to the environment of the children, for the secrets of connectors. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: StackEvent) => void;
  /** Gives up a start that is not done yet; `startStack` rejects once all is stopped. */
  readonly signal?: AbortSignal;
}

type StackPart = ChildName | "dashboard";

/** What happens while the stack starts and runs. */
export type StackEvent =
  | { readonly type: "starting"; readonly part: StackPart }
  | {
      readonly type: "ready";
      readonly part: StackPart;
      readonly detail: string;
      readonly ms: number;
    }
  | {
      readonly type: "restarting";
      readonly part: StackPart;
      readonly reason: string;
      readonly inMs: number;
    }
  | { readonly type: "log"; readonly part: StackPart; readonly line: LogLine };

interface StackUrls {
  /** The dashboard and the ingest API. */
  readonly ingest: string;
  /** Absent without the simulated game. */
  readonly generator: string | undefined;
  /** `host:port` */
  readonly fluvio: string;
  /** Of graphite-web; absent without a Graphite of the stack's own. */
  readonly graphite: string | undefined;
}

export interface Stack {
  readonly urls: StackUrls;
  readonly dataDir: string;
  /** Process ids of the children that run now, by name. */
  pids(): Partial<Record<ChildName, number>>;
  /** Growing counters of all children. */
  stats(): ChildStats;
  /** Stops all children; a second call waits for the first. */
  close(): Promise<void>;
  /** Ends all children at once, without waiting for anything. */
  kill(): void;
}

/** Together below the five seconds in which a stop has to be done. */
const STOP_MS_MAX: Readonly<Record<ChildName, number>> = {
  connectors: 1_500,
  dataflows: 1_500,
  fluvio: 1_500,
  workers: 1_500,
  graphite: 1_500,
};

const LOCAL_KEY = "dev";

/** A stack that is left running for weeks must not fill the disk: what is reached first holds. */
export const RETENTION_MS_DEFAULT = 24 * 3600 * 1000;
/** Bytes per partition. */
const PARTITION_BYTES_MAX = 1e9;

/**
 * Starts everything and waits until it works.
 * @throws {StackError} with all that is wrong; then nothing is left running
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const layout = dataLayout(options.dataDir);
  const ports: Ports = { ingest: 0, generator: 0, fluvio: 0, ...options.ports };
  const generator = options.generator ?? true;
  const graphite = await graphitePlan(options.graphite);
  const paths = connectorPaths({ generator, graphite: graphite !== undefined });
  const env = {
    ...childEnvironment(layout),
    ...(graphite === undefined ? {} : { GRAPHITE_ADDRESS: graphite.address }),
    ...options.env,
  };
  await waitForOrphans(layout, ports);
  const running = await checkNotRunning(layout);
  if (running.length > 0) throw new StackError(running);
  const problems = [
    ...(await checkPorts(ports, generator)),
    ...checkFiles(paths, {
      ...env,
      INGEST_URL: "http://127.0.0.1",
      GENERATOR_URL: "http://127.0.0.1",
    }),
  ];
  if (problems.length > 0) throw new StackError(problems);
  if (options.fresh === true) forget(layout);
  mkdirSync(layout.root, { recursive: true });

  const stack = new RunningStack({
    layout,
    retentionMs: options.retentionMs ?? RETENTION_MS_DEFAULT,
    catalogDir: options.catalogDir ?? PROJECT.catalogDir,
    ports,
    generator,
    paths,
    env,
    graphitePorts: graphite?.ports,
    onEvent: options.onEvent,
  });
  const giveUp = (): void => void stack.close();
  options.signal?.addEventListener("abort", giveUp);
  try {
    await stack.start();
    options.signal?.throwIfAborted();
    return stack;
  } catch (error) {
    await stack.close();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", giveUp);
  }
}

/** Only what is known to be the stack's own; `--data` may name a folder with other things in it. */
function forget(layout: DataLayout): void {
  for (const path of [
    layout.workers,
    layout.fluvio,
    layout.dataflows,
    layout.graphite,
    layout.logs,
    layout.running,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
}

function childEnvironment(layout: DataLayout): NodeJS.ProcessEnv {
  // What the parent's Node was told (a test runner's loaders, a debugger) is not for the children.
  const { NODE_OPTIONS: _, NODE_CHANNEL_FD: __, ...env } = process.env;
  return {
    ...env,
    // Compiled code of the last run: wrangler alone takes a second or two to compile.
    NODE_COMPILE_CACHE: layout.cache,
    FEED_KEY: env["FEED_KEY"] ?? LOCAL_KEY,
    SINK_KEY: env["SINK_KEY"] ?? LOCAL_KEY,
  };
}

interface StackPlan {
  readonly layout: DataLayout;
  readonly retentionMs: number;
  readonly catalogDir: string;
  readonly ports: Ports;
  readonly generator: boolean;
  readonly paths: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Of a Graphite to be started. */
  readonly graphitePorts: GraphitePorts | undefined;
  readonly onEvent: ((event: StackEvent) => void) | undefined;
}

class RunningStack implements Stack {
  readonly #plan: StackPlan;
  readonly #logs = new Map<ChildName, LogFile>();
  readonly #children = new Map<
    ChildName,
    Pick<ManagedChild<ChildName>, "stop" | "kill" | "pid" | "stats">
  >();
  /** As wanted at first; as found once known, so that a restarted child comes back where it was. */
  #ports: Ports;
  #closing: Promise<void> | undefined;

  constructor(plan: StackPlan) {
    this.#plan = plan;
    this.#ports = plan.ports;
  }

  get dataDir(): string {
    return this.#plan.layout.root;
  }

  get urls(): StackUrls {
    const { ingest, generator, fluvio } = this.#ports;
    const { graphitePorts } = this.#plan;
    return {
      ingest: `http://127.0.0.1:${ingest}`,
      generator: this.#plan.generator ? `http://127.0.0.1:${generator}` : undefined,
      fluvio: `127.0.0.1:${fluvio}`,
      graphite: graphitePorts && `http://127.0.0.1:${graphitePorts.web}`,
    };
  }

  /** What others lean on first; what needs no other at the same time. */
  async start(): Promise<void> {
    const { layout, retentionMs, catalogDir, generator, paths, env, graphitePorts } = this.#plan;
    await Promise.all([
      this.#buildDashboard().then(() =>
        this.#startChild("workers", () => ({
          ingestPort: this.#ports.ingest,
          generatorPort: generator ? this.#ports.generator : undefined,
          persistDir: layout.workers,
          wranglerDir: join(layout.root, "wrangler"),
        })),
      ),
      this.#startChild("fluvio", () => ({
        port: this.#ports.fluvio,
        dataDir: layout.fluvio,
        retentionSeconds: Math.ceil(retentionMs / 1000),
        partitionBytesMax: PARTITION_BYTES_MAX,
      })),
      graphitePorts &&
        this.#startChild("graphite", () => ({ dir: layout.graphite, ports: graphitePorts })),
    ]);
    this.#writeRunning();
    const endpoint = this.urls.fluvio;
    const secrets = { INGEST_URL: this.urls.ingest, GENERATOR_URL: this.urls.generator };
    Object.assign(env, secrets);
    const checkpointsDir = layout.dataflows;
    await this.#startChild("dataflows", () => ({ endpoint, checkpointsDir, catalogDir }));
    await this.#startChild("connectors", () => ({ endpoint, paths }));
  }

  pids(): Partial<Record<ChildName, number>> {
    const pids: Partial<Record<ChildName, number>> = {};
    for (const [name, { pid }] of this.#children) if (pid !== undefined) pids[name] = pid;
    return pids;
  }

  stats(): ChildStats {
    return Object.assign(
      {},
      ...[...this.#children.values()].map(({ stats }) => stats),
    ) as ChildStats;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  kill(): void {
    for (const child of this.#children.values()) child.kill();
  }

  /** Against the stream: first who sends, then who computes, then who stores. */
  async #close(): Promise<void> {
    const stop = async (name: ChildName): Promise<void> =>
      await this.#children.get(name)?.stop(STOP_MS_MAX[name]);
    await stop("connectors");
    await stop("dataflows");
    await Promise.all([stop("fluvio"), stop("workers"), stop("graphite")]);
    rmSync(this.#plan.layout.running, { force: true });
    for (const file of this.#logs.values()) file.close();
  }

  async #buildDashboard(): Promise<void> {
    if (!dashboardNeedsBuild()) return;
    const startedMs = performance.now();
    this.#tell({ type: "starting", part: "dashboard" });
    let detail = "built";
    try {
      await buildDashboard();
    } catch (error) {
      if (!(error instanceof StackError) || !dashboardIsBuilt()) throw error;
      detail = "the last build, an older one";
      const line: LogLine = { level: "warn", scope: "dashboard", message: error.message };
      this.#tell({ type: "log", part: "dashboard", line });
    }
    const ms = performance.now() - startedMs;
    this.#tell({ type: "ready", part: "dashboard", detail, ms });
  }

  async #startChild<Name extends ChildName>(
    name: Name,
    settings: () => ChildSettings[Name],
  ): Promise<void> {
    if (this.#closing !== undefined) return;
    const startedMs = performance.now();
    const child = new ManagedChild<Name>({
      name,
      env: this.#plan.env,
      settings,
      log: this.#logTo(name),
      onRestart: ({ reason, inMs }) => this.#tell({ type: "restarting", part: name, reason, inMs }),
    });
    this.#children.set(name, child);
    this.#tell({ type: "starting", part: name });
    const report = await child.start();
    this.#keepPorts(report);
    const ms = performance.now() - startedMs;
    this.#tell({ type: "ready", part: name, detail: report.detail, ms });
  }

  #keepPorts({ ports }: ReadyReport): void {
    this.#ports = { ...this.#ports, ...ports };
  }

  #logTo(name: ChildName): Log {
    const file = new LogFile(join(this.#plan.layout.logs, `${name}.log`));
    this.#logs.set(name, file);
    return (line) => {
      file.write(`${new Date().toISOString()} ${formatLogLine(line)}`);
      this.#tell({ type: "log", part: name, line });
    };
  }

  #writeRunning(): void {
    const { ingest } = this.#ports;
    writeFileSync(
      this.#plan.layout.running,
      JSON.stringify({ pid: process.pid, port: ingest, ...this.urls }),
    );
  }

  #tell(event: StackEvent): void {
    this.#plan.onEvent?.(event);
  }
}
