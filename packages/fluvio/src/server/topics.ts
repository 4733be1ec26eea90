/**
 * All topics of the server, under `<data>/topics`. Changes are announced to watchers before the
 * call that made them returns.
 */
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TopicSpec } from "../wire/topic.ts";
import { syncDir } from "./log/files.ts";
import { Topic, type TopicEnvironment } from "./topic.ts";

export interface TopicChange {
  readonly kind: "update" | "delete";
  readonly topic: Topic;
}

const DELETED_PREFIX = ".deleted-";
/** Holds nothing; the native client's producers hang on a cluster whose first sync is empty. */
const SYSTEM_TOPIC = "consumer-offset";
const SYSTEM_SPEC: TopicSpec = {
  replicas: { kind: "computed", partitions: 1, replicationFactor: 1, ignoreRack: false },
  retentionSeconds: null,
  storage: null,
  compression: "any",
  deduplication: null,
  system: true,
};

export class Topics {
  readonly #dir: string;
  readonly #environment: TopicEnvironment;
  readonly #topics = new Map<string, Topic>();
  readonly #listeners = new Set<(change: TopicChange) => void>();
  /** Names whose creation or deletion is under way. */
  readonly #busy = new Set<string>();
  #deletions = 0;

  private constructor(dir: string, environment: TopicEnvironment) {
    this.#dir = dir;
    this.#environment = environment;
  }

  static async open(dataDir: string, environment: TopicEnvironment): Promise<Topics> {
    const dir = join(dataDir, "topics");
    await mkdir(dir, { recursive: true });
    const topics = new Topics(dir, environment);
    for (const name of await readdir(dir)) {
      const path = join(dir, name);
      const topic = name.startsWith(".") ? undefined : await Topic.open(path, name, environment);
      if (topic === undefined) await rm(path, { recursive: true, force: true });
      else topics.#topics.set(name, topic);
    }
    if (!topics.#topics.has(SYSTEM_TOPIC)) await topics.create(SYSTEM_TOPIC, SYSTEM_SPEC);
    return topics;
  }

  get size(): number {
    return this.#topics.size;
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  all(): IterableIterator<Topic> {
    return this.#topics.values();
  }

  /** @returns `undefined` when there is a topic of that name */
  async create(name: string, spec: TopicSpec): Promise<Topic | undefined> {
    if (this.#topics.has(name) || this.#busy.has(name)) return undefined;
    return this.#exclusively(name, async () => {
      const topic = await Topic.create(join(this.#dir, name), { name, spec }, this.#environment);
      await syncDir(this.#dir);
      this.#topics.set(name, topic);
      this.#announce({ kind: "update", topic });
      return topic;
    });
  }

  async addPartitions(topic: Topic, count: number): Promise<void> {
    await this.#exclusively(topic.name, () => topic.addPartitions(count));
    this.#announce({ kind: "update", topic });
  }

  async delete(topic: Topic): Promise<void> {
    if (this.#busy.has(topic.name)) return;
    await this.#exclusively(topic.name, async () => {
      this.#topics.delete(topic.name);
      this.#announce({ kind: "delete", topic });
      await topic.close();
      // Out of the way in one step: a crash during the removal must not leave half a topic.
      this.#deletions += 1;
      const grave = join(this.#dir, `${DELETED_PREFIX}${topic.name}-${this.#deletions}`);
      await rename(join(this.#dir, topic.name), grave);
      await syncDir(this.#dir);
      await rm(grave, { recursive: true, force: true });
    });
  }

  onChange(listener: (change: TopicChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async enforceRetention(): Promise<void> {
    for (const topic of this.#topics.values()) await topic.enforceRetention();
  }

  async close(): Promise<void> {
    for (const topic of this.#topics.values()) await topic.close();
  }

  async #exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#busy.add(name);
    try {
      return await work();
    } finally {
      this.#busy.delete(name);
    }
  }

  #announce(change: TopicChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
