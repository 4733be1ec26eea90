/**
 * Keeps two servers off one data folder: both would append to the same files. The lock names a
 * process, so that of a killed server does not stay in the way.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const LOCK_FILE = "server.lock";
/** Locks this process holds: its own id in a lock file says nothing about a second server in it. */
const held = new Set<string>();

/**
 * Takes the lock of a data folder.
 * @returns gives it back
 * @throws when a living server holds it
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, LOCK_FILE);
  const holder = Number(await readFile(path, "utf8").catch(() => "0"));
  if (held.has(path) || (holder !== process.pid && isAlive(holder))) {
    throw new Error(
      `${dataDir} is in use by process ${holder}. Stop that server, or choose another data folder.`,
    );
  }
  held.add(path);
  await writeFile(path, String(process.pid));
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
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
