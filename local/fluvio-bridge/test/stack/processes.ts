/** Does a process with this id run? A zombie that nobody has collected yet does not. */
import { readFileSync } from "node:fs";

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const state = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
    return state !== "Z";
  } catch {
    // Not Linux: there, being found is all that can be known.
    return process.platform !== "linux";
  }
}
