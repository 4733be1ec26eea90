/**
 * Keeps two runners off one checkpoint folder: each would count every record, and the later
 * checkpoint would hide the earlier one's. The lock names a process and is touched while that one
 * runs: the lock of a killed runner does not stay in the way, not even when its process number
 * belongs to somebody else by now, as after a restart of the machine.
 */
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunnerError } from "./runner-error.ts";

const LOCK_FILE = "runner.lock";
const TOUCH_INTERVAL_MS = 5_000;
/** Not touched for so long, a lock is void. Several intervals: a busy machine is no reason. */
const VOID_AFTER_MS = 30_000;
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
  const ofAnother = holder !== process.pid && isAlive(holder) && (await isFresh(file));
  if (held.has(file) || ofAnother) {
    throw new RunnerError(
      "checkpoint_in_use",
      `${dir} is in use by process ${holder}. Stop that one, or choose another checkpoint folder.`,
    );
  }
  held.add(file);
  await writeFile(file, String(process.pid));
  const touching = setInterval(() => void touch(file), TOUCH_INTERVAL_MS);
  touching.unref();
  return async () => {
    clearInterval(touching);
    held.delete(file);
    await rm(file, { force: true });
  };
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  // A folder that was removed under the runner shows when the next checkpoint is written.
  await utimes(file, now, now).catch(() => undefined);
}

async function isFresh(file: string): Promise<boolean> {
  const { mtimeMs } = await stat(file);
  return Date.now() - mtimeMs < VOID_AFTER_MS;
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
