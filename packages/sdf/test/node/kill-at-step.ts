/**
 * Loaded before a process with `--import`: kills it in the middle of its n-th step on files, of
 * those that last (environment variable KILL_AT_STEP). A step that writes has then written the first half.
 */
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

let left = Number(process.env["KILL_AT_STEP"]);

function step(): boolean {
  left -= 1;
  return left === 0;
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  for (;;);
}

type Call = (...args: unknown[]) => Promise<unknown>;

function halve(data: unknown): unknown {
  const bytes = typeof data === "string" ? Buffer.from(data) : (data as Uint8Array);
  return bytes.subarray(0, bytes.length >> 1);
}

/** @param writes which argument is written, if any; others are killed before they begin */
function patch(target: object, name: string, writes?: number): void {
  const methods = target as Record<string, Call>;
  const original = methods[name] as Call;
  methods[name] = async function patched(this: unknown, ...args: unknown[]) {
    if (!step()) return original.apply(this, args);
    if (writes !== undefined && typeof args[writes] !== "number") {
      const begun = args.with(writes, halve(args[writes]));
      // `write(bytes, from, length, position)`: as much as there is.
      if (name === "write") begun.splice(1, 2, 0, (begun[0] as Uint8Array).length);
      await original.apply(this, begun);
    }
    die();
  };
}

const handle: FileHandle = await fs.open(new URL(import.meta.url));
const prototype = Object.getPrototypeOf(handle) as object;
await handle.close();
for (const name of ["sync", "datasync", "truncate"]) patch(prototype, name);
for (const [name, argument] of [
  ["write", 0],
  ["writeFile", 0],
] as const)
  patch(prototype, name, argument);
for (const name of ["rename", "rm", "link"]) patch(fs, name);
patch(fs, "writeFile", 1);
syncBuiltinESMExports();
