/**
 * carbon and graphite-web on this machine, as this user, from a folder of their own. Both end with
 * `stop`; when one ends by itself `ended` says so.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isListening } from "../ports.ts";
import { graphiteFolders, writeGraphiteFiles, type GraphitePorts } from "./files.ts";
import { CARBON_CACHE, GRAPHITE_MANAGE, PYTHON } from "./installed.ts";

const READY_MS_MAX = 25_000;
const CHECK_EVERY_MS = 50;
const WEB_THREADS = 4;
/** Of what a program has said, kept for the reason of its end. */
const SAID_CHARS_MAX = 2_000;

export interface LocalGraphite {
  /** `host:port` of the plaintext port. */
  readonly address: string;
  /** graphite-web. */
  readonly url: string;
  readonly pids: { readonly carbon: number; readonly web: number };
  /** Rejects when carbon or graphite-web has ended without being stopped. */
  readonly ended: Promise<never>;
  /** Ends both; carbon writes what it has in memory first. */
  stop(): Promise<void>;
}

/** Ports that are free now. @param web 0 takes any free one */
export async function freeGraphitePorts(web = 0): Promise<GraphitePorts> {
  const servers = Array.from({ length: 4 }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  const [first = 0, line = 0, pickle = 0, query = 0] = ports;
  return { web: web === 0 ? first : web, line, pickle, query };
}

/**
 * Starts both and waits until they answer.
 * @param dir made when it is not there; holds the data
 * @param updatesPerSecond see `writeGraphiteFiles`
 * @throws {Error} with what they said, when they do not
 */
export async function startLocalGraphite(
  dir: string,
  ports: GraphitePorts,
  updatesPerSecond?: number,
): Promise<LocalGraphite> {
  const folders = graphiteFolders(dir);
  writeGraphiteFiles(folders, ports, updatesPerSecond);
  const env = {
    ...process.env,
    GRAPHITE_ROOT: folders.root,
    PYTHONPATH: folders.conf,
    GRAPHITE_SETTINGS_MODULE: "local_settings",
    DJANGO_SETTINGS_MODULE: "graphite.settings",
  };
  const pidFile = join(folders.run, "carbon.pid");
  // Of a carbon that was killed; its number may be another's by now.
  rmSync(pidFile, { force: true });
  const config = `--config=${join(folders.conf, "carbon.conf")}`;
  const carbon = new Program(
    "carbon",
    [CARBON_CACHE, config, `--pidfile=${pidFile}`, "--nodaemon", "start"],
    env,
  );
  const programs = [carbon];
  try {
    if (!existsSync(folders.database)) {
      const migrate = ["migrate", "--run-syncdb", "--noinput", "-v", "0"];
      await new Program("graphite-manage", [GRAPHITE_MANAGE, ...migrate], env).finished();
    }
    const bind = ["--bind", `127.0.0.1:${ports.web}`];
    const workers = ["--workers", "1", "--threads", String(WEB_THREADS)];
    const app = ["-m", "gunicorn", ...bind, ...workers, "graphite.wsgi:application"];
    const web = new Program("graphite-web", app, env);
    programs.push(web);
    const url = `http://127.0.0.1:${ports.web}`;
    await Promise.race([untilReady(ports.line, url), ...programs.map((each) => each.ended)]);
    return {
      address: `127.0.0.1:${ports.line}`,
      url,
      pids: { carbon: carbon.pid, web: web.pid },
      ended: Promise.race([carbon.ended, web.ended]),
      stop: async () => void (await Promise.all([carbon.stop(), web.stop()])),
    };
  } catch (error) {
    await Promise.all(programs.map((each) => each.stop()));
    throw error;
  }
}

async function untilReady(linePort: number, url: string): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  while (performance.now() < deadline) {
    if ((await isListening(linePort)) && (await answers(`${url}/version`))) return;
    await sleep(CHECK_EVERY_MS);
  }
  throw new Error(`Graphite did not answer within ${READY_MS_MAX / 1000} s`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** A Python program of Graphite's. */
class Program {
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  readonly #name: string;
  #isStopping = false;
  #said = "";

  constructor(name: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#name = name;
    this.#child = spawn(PYTHON, ["-W", "ignore", ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#said = `${this.#said}${chunk.toString()}`.slice(-SAID_CHARS_MAX);
      });
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(error.message));
      this.#child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code ?? 0}`));
    });
    this.ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when it ends well. */
  async finished(): Promise<void> {
    const reason = await this.#exited;
    if (reason !== "exit code 0") throw this.#failure(reason);
  }

  /** Rejects when it ends without being stopped. */
  get ended(): Promise<never> {
    return this.#exited.then((reason) =>
      this.#isStopping
        ? new Promise<never>(() => undefined)
        : Promise.reject(this.#failure(reason)),
    );
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
    await this.#exited;
  }

  #failure(reason: string): Error {
    const said = this.#said.trim();
    return new Error(`${this.#name} ended (${reason})${said === "" ? "" : `: ${said}`}`);
  }
}
