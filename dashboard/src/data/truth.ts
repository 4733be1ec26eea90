/** What the simulated game says it did on purpose: asked for while somebody compares. */
import type { Config } from "../config.ts";
import type { Deed } from "../model/accuracy.ts";

/** Deeds kept; at the simulation's usual pace these are hours. */
const DEEDS_MAX = 5_000;
const PAGE_MAX = 1_000;
const PAGES_MAX = 10;

type Json = { readonly [field: string]: unknown };

/** Reads one entry of `GET /v1/truth`; `undefined` for what is none. */
export function parseDeed(value: unknown): Deed | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { position, label, pattern, rule, complete, ...entry } = value as Json;
  if (typeof position !== "number" || typeof pattern !== "string") return undefined;
  if (label !== "fraud" && label !== "honest" && label !== "incident") return undefined;
  const texts = (field: string): string[] => {
    const list = entry[field];
    return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
  };
  return {
    position,
    label,
    pattern,
    rule: typeof rule === "string" ? rule : "",
    complete: complete === true,
    startedMs: Number(entry["started_at"] ?? 0),
    endedMs: Number(entry["ended_at"] ?? 0),
    eventIds: texts("event_ids"),
    players: texts("player_ids"),
    addresses: texts("ip_addresses"),
  };
}

export class Truth {
  readonly #config: Config;
  #deeds = new Map<number, Deed>();
  #available: boolean | undefined;

  constructor(config: Config) {
    this.#config = config;
  }

  /** False when there is no simulation to ask; undefined while it is not known. */
  get available(): boolean | undefined {
    return this.#available;
  }

  /** In order of time; another list, by identity, whenever it has changed. */
  deeds: readonly Deed[] = [];

  /** Asks for what is new, and again for what was still going on. Never rejects. */
  async read(signal: AbortSignal): Promise<void> {
    if (this.#config.truth === "") {
      this.#available = false;
      return;
    }
    try {
      for (let pages = 0; pages < PAGES_MAX; pages += 1) {
        if (!(await this.#readPage(signal))) break;
      }
      this.#available = true;
    } catch {
      if (!signal.aborted) this.#available = false;
    }
  }

  /** @returns true when there may be more */
  async #readPage(signal: AbortSignal): Promise<boolean> {
    const open = [...this.#deeds.values()].find((deed) => !deed.complete);
    const after = (open?.position ?? ([...this.#deeds.keys()].at(-1) ?? 0) + 1) - 1;
    const url = `${this.#config.truth}/v1/truth?after=${after}&limit=${PAGE_MAX}`;
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { items, next } = (await response.json()) as { items?: unknown; next?: unknown };
    const found = Array.isArray(items) ? items.map(parseDeed) : [];
    if (found.length === 0) return false;
    const before = this.#deeds.size;
    for (const deed of found) if (deed !== undefined) this.#deeds.set(deed.position, deed);
    const sorted = [...this.#deeds.values()].toSorted((a, b) => a.position - b.position);
    this.deeds = sorted.slice(-DEEDS_MAX);
    this.#deeds = new Map(this.deeds.map((deed) => [deed.position, deed]));
    return typeof next === "number" && this.#deeds.size > before;
  }
}
