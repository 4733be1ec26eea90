/**
 * Keeps the topics `catalog-*` saying what the files of the catalog say: at the start, and whenever
 * a file changes, it writes what differs from the topic's newest records, and nothing else.
 */
import { watch, type FSWatcher } from "node:fs";
import { Fluvio } from "@arenaflow/fluvio/client";
import { describeError, type Log } from "../log.ts";
import { CATALOG_LISTS, changesOf, readCatalog, type Entries } from "./entries.ts";

/** Editors write a file in several steps; reading waits until it has been still for so long. */
const STILL_MS = 150;
/** Of a topic, while what it holds is read. */
const READ_MS_MAX = 10_000;
/** Ten years: what a catalog says holds until it says otherwise. */
const RETENTION_SECONDS = 10 * 365 * 24 * 3600;

export interface CatalogLoader {
  /** Records written so far. */
  readonly written: number;
  close(): Promise<void>;
}

/**
 * Writes what the topics lack, and goes on watching the folder.
 * @throws when a file cannot be read, or the server does not answer
 */
export async function startCatalogLoader(options: {
  readonly dir: string;
  readonly endpoint: string;
  readonly log: Log;
}): Promise<CatalogLoader> {
  const catalog = readCatalog(options.dir);
  const fluvio = await Fluvio.connect({ endpoint: options.endpoint, clientId: "catalog" });
  const loader = new Loader(fluvio, options);
  try {
    for (const { topic } of CATALOG_LISTS) await loader.remember(topic);
    await loader.write(catalog);
    loader.watch();
    return loader;
  } catch (error) {
    await loader.close();
    throw error;
  }
}

class Loader implements CatalogLoader {
  readonly #fluvio: Fluvio;
  readonly #dir: string;
  readonly #log: Log;
  /** What the topics hold. */
  readonly #held = new Map<string, Entries>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** One change after the other. */
  #writing: Promise<void> = Promise.resolve();
  written = 0;

  constructor(fluvio: Fluvio, { dir, log }: { readonly dir: string; readonly log: Log }) {
    this.#fluvio = fluvio;
    this.#dir = dir;
    this.#log = log;
  }

  /** Learns what a topic holds, and creates it where it is not there. */
  async remember(topic: string): Promise<void> {
    await this.#fluvio.admin.ensureTopic(topic, {
      partitions: 1,
      retentionSeconds: RETENTION_SECONDS,
    });
    const held = new Map<string, string>();
    this.#held.set(topic, held);
    const { start, end } = (await this.#fluvio.offsets(topic))[0] ?? { start: 0, end: 0 };
    if (start === end) return;
    const consumer = await this.#fluvio.consumer(topic, {
      start: "beginning",
      giveUpAfterMs: READ_MS_MAX,
    });
    try {
      for (let read = start; read < end;) {
        const next = await consumer.next();
        if (next.done === true) break;
        for (const { offset, key, value } of next.value.records) {
          read = offset + 1;
          keep(held, { key, value });
        }
      }
    } finally {
      await consumer.close();
    }
  }

  /** Writes what differs. */
  async write(catalog: ReadonlyMap<string, Entries>): Promise<void> {
    for (const { topic, key } of CATALOG_LISTS) {
      const after = catalog.get(topic) ?? new Map<string, string>();
      const before = this.#held.get(topic) ?? new Map<string, string>();
      const changes = changesOf({ before, after }, key);
      if (changes.length === 0) continue;
      const producer = await this.#fluvio.producer(topic);
      try {
        await Promise.all(changes.map((change) => producer.send(change)));
      } finally {
        await producer.close();
      }
      this.#held.set(topic, after);
      this.written += changes.length;
      this.#log({
        level: "info",
        scope: "catalog",
        message: `${changes.length} of ${after.size} entries written to ${topic}`,
      });
    }
  }

  watch(): void {
    this.#watcher = watch(this.#dir, () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#writing = this.#writing.then(() => this.#reload());
      }, STILL_MS);
    });
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#fluvio.close();
  }

  /** A file that cannot be read changes nothing: what was last written holds. */
  async #reload(): Promise<void> {
    try {
      await this.write(readCatalog(this.#dir));
    } catch (error) {
      this.#log({ level: "warn", scope: "catalog", message: describeError(error) });
    }
  }
}

interface Held {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
}

const decoder = new TextDecoder();

function keep(held: Map<string, string>, { key, value }: Held): void {
  if (key === null) return;
  const name = decoder.decode(key);
  const text = decoder.decode(value);
  if ((JSON.parse(text) as { removed?: boolean }).removed === true) held.delete(name);
  else held.set(name, text);
}
