/**
 * Keeps two runners off one checkpoint folder: each would count every record, and the later
 * checkpoint would hide the earlier one's. The lock names a process, so that of a killed runner
 * does not stay in the way.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunnerError } from "./runner-error.ts";

const LOCK_FILE = "runner.lock";
/** Locks of this process: its own id in a lock file says nothing about a second runner in it. */
const held = new Set<string>();

/**
 * Takes the lock of a checkpoint folder.
 * @returns gives it back
 * @throws RunnerError `checkpoint_in_use` when a living runner holds it
 */
export async function lockCheckpoints(dir: string): Promise<() => Promise<void>> {
  const file = join(dir, LOCK_FILE);
  const text = await readFile(file, "utf8").catch(() => "");
  const holder = Number.parseInt(text, 10);
  if (held.has(file) || (holder !== process.pid && isAlive(holder))) {
    throw new RunnerError(
      "checkpoint_in_use",
      `${dir} is in use by process ${holder}. Stop that one, or choose another checkpoint folder.`,
    );
  }
  held.add(file);
  await writeFile(file, String(process.pid));
  return async () => {
    held.delete(file);
    await rm(file, { force: true });
  };
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers so, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
