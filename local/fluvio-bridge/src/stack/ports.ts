/** Is a port free, and if not, who has it? */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { basename } from "node:path";
import { promisify } from "node:util";

const HOST = "127.0.0.1";
const LSOF_MS_MAX = 2_000;

/** Can this port be listened on? 0 always can. */
export function isPortFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  if (port === 0) return Promise.resolve(true);
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}

/** Does something accept connections on this port? */
export function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: HOST, port });
  const done = (listening: boolean) => () => {
    socket.destroy();
    resolve(listening);
  };
  socket.once("connect", done(true));
  socket.once("error", done(false));
  socket.setTimeout(500, done(false));
  return promise;
}

/**
 * Who listens on a port, as far as this user may know.
 * @returns such as `node (pid 4711)`
 */
export async function portOwner(port: number): Promise<string | undefined> {
  try {
    return process.platform === "linux" ? linuxOwner(port) : await lsofOwner(port);
  } catch {
    return undefined;
  }
}

async function lsofOwner(port: number): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(
    "lsof",
    ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"],
    { timeout: LSOF_MS_MAX },
  );
  const pid = /^p(\d+)/m.exec(stdout)?.[1];
  const command = /^c(.+)/m.exec(stdout)?.[1];
  return pid === undefined ? undefined : `${command ?? "a process"} (pid ${pid})`;
}

function linuxOwner(port: number): string | undefined {
  const inode = listeningInode(port);
  if (inode === undefined) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!hasSocket(pid, inode)) continue;
    return `${commandOf(pid)} (pid ${pid})`;
  }
  return undefined;
}

/** The program and, for a script, its file: `node server.js`. */
function commandOf(pid: string): string {
  const [program = "a process", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  const script = args.find((arg) => /\.(m?js|ts|py)$/.test(arg));
  return [program, script]
    .flatMap((path) => (path === undefined ? [] : [basename(path)]))
    .join(" ");
}

function listeningInode(port: number): string | undefined {
  const LISTEN = "0A";
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
      const columns = line.trim().split(/\s+/);
      if (columns[1]?.endsWith(suffix) === true && columns[3] === LISTEN) return columns[9];
    }
  }
  return undefined;
}

function hasSocket(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
      } catch {
        return false;
      }
    });
  } catch {
    // Another user's process.
    return false;
  }
}
