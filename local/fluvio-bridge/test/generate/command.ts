import { execFile } from "node:child_process";
import { join } from "node:path";

/** The command line's front door. */
export const ARENAFLOW = join(import.meta.dirname, "../../bin/arenaflow.mjs");

/** Runs `arenaflow` as a process, as a person would. */
export function arenaflow(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [ARENAFLOW, ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}
