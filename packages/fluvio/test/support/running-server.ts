/** A server in a process of its own, for tests that kill, limit or weigh it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Run it with a data folder and a port. */
export const SERVER: string = fileURLToPath(new URL("server-process.ts", import.meta.url));

export interface RunningServer {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Runs a command that ends in a server, until the test has finished. */
export async function runServer(command: string, args: readonly string[]): Promise<RunningServer> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return { child, port: Number(line.split(" ")[1]) };
}

/** @param port 0 takes any free one */
export function startServer(dataDir: string, port = 0): Promise<RunningServer> {
  return runServer(process.execPath, [SERVER, dataDir, String(port)]);
}
