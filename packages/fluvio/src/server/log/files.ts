/** Small durable files: written beside, synced, then renamed into place. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes names created in or removed from a directory durable. */
export async function syncDir(dir: string): Promise<void> {
  // Windows cannot open a directory for this; its file systems journal names by themselves.
  if (process.platform === "win32") return;
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file as a whole: after a crash it has either the old or the new content. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, "w");
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncDir(dirname(path));
}
