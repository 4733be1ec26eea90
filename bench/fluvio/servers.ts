/**
 * The servers of the benchmark, in a process of their own, as they are on a laptop: an echo, and two
 * of ours. Run: forked by `startServers`, with a folder as its argument.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { startFluvioServer } from "../../packages/fluvio/src/server/index.ts";
import { cpuMicroseconds } from "./cpu.ts";

export interface Ports {
  readonly echo: number;
  readonly fsync: number;
  readonly memory: number;
}

/** The servers' process as the benchmark sees it. */
export class Servers {
  readonly ports: Ports;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ports: Ports) {
    this.#child = child;
    this.ports = ports;
  }

  /** Rejects when the process ends before it is ready; ends the benchmark when it does later. */
  static async start(dataDir: string): Promise<Servers> {
    const child = fork(import.meta.filename, [dataDir]);
    const ended = once(child, "exit").then(([code, signal]) => {
      throw new Error(`the servers' process ended (${String(code ?? signal)})`);
    });
    const [ports] = (await Promise.race([once(child, "message"), ended])) as [Ports];
    ended.catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
    return new Servers(child, ports);
  }

  /** The CPU time that the servers have used so far. */
  async cpuMicroseconds(): Promise<number> {
    this.#child.send("cpu");
    const [microseconds] = (await once(this.#child, "message")) as [number];
    return microseconds;
  }
}

async function serve(dataDir: string): Promise<void> {
  const echo = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  const start = (durability: "fsync" | "memory") =>
    startFluvioServer({ dataDir: join(dataDir, durability), port: 0, settings: { durability } });
  const [fsync, memory] = [await start("fsync"), await start("memory")];
  // The benchmark ends by exiting: its native client would print an error for every stream it loses.
  process.on("disconnect", () => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
  process.on("message", () => process.send?.(cpuMicroseconds()));
  const ports: Ports = {
    echo: (echo.address() as AddressInfo).port,
    fsync: fsync.port,
    memory: memory.port,
  };
  process.send?.(ports);
}

if (import.meta.main) await serve(process.argv[2] ?? "");
