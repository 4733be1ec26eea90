import { open } from "node:fs/promises";

/** Makes names that were given, changed or removed in a folder last beyond a power failure. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
