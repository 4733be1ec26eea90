/** The truth of a run, in a file of its own: what was fraud, what only looked like it, what broke. */
import { writeFileSync } from "node:fs";
import type { TruthEntry, World } from "@arenaflow/simulation";

export class TruthFile {
  readonly #world: World;
  readonly #path: string | undefined;
  readonly #entries = new Map<number, TruthEntry>();

  constructor(world: World, path: string | undefined) {
    this.#world = world;
    this.#path = path;
    // Found out before an hour has been played rather than after it.
    if (path !== undefined) writeFileSync(path, "");
  }

  collect(): void {
    if (this.#path === undefined) return;
    for (const entry of this.#world.truth.takeChanged()) this.#entries.set(entry.position, entry);
  }

  write(): void {
    if (this.#path === undefined) return;
    this.collect();
    const lines = [...this.#entries.values()].map((entry) => `${JSON.stringify(entry)}\n`);
    writeFileSync(this.#path, lines.join(""));
  }
}
