/**
 * Keeps two servers off one data folder: both would append to the same files. The lock names its
 * holder's process and is touched while that lives, so neither a killed server nor another process
 * that got its number later stands in the way.
 */
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

const LOCK_FILE = "server.lock";
const TOUCH_MS = 2000;
/** A lock that was not touched for this long has no holder any more. */
const STALE_MS = 10_000;
/** Locks this process holds: its own number in a lock file does not tell a second server in it. */
const held = new Set<string>();

/**
 * Takes the lock of a data folder.
 * @returns gives it back
 * @throws when a living server holds it
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = resolve(dataDir, LOCK_FILE);
  const holder = held.has(path) ? process.pid : await livingHolder(path);
  if (holder !== undefined) {
    throw new Error(
      `${dataDir} is in use by process ${holder}. Stop that server, or choose another data folder.`,
    );
  }
  held.add(path);
  await writeFile(path, String(process.pid));
  const touch = (): void => {
    const now = new Date();
    // A failed touch makes the lock look stale at worst, as after a crash.
    utimes(path, now, now).catch(() => undefined);
  };
  const timer = setInterval(touch, TOUCH_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    held.delete(path);
    await rm(path, { force: true });
  };
}

async function livingHolder(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  const pid = Number(text);
  if (text === "" || pid === process.pid || !isAlive(pid)) return undefined;
  const { mtimeMs } = await stat(path);
  return Date.now() - mtimeMs < STALE_MS ? pid : undefined;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
