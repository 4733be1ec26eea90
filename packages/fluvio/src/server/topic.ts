/**
 * One topic: its spec on disk (`topic.json`) and a log per partition (`0/`, `1/`, …).
 * A folder without `topic.json` was not finished being created and is removed at start.
 */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TopicSpec } from "../wire/topic.ts";
import { partitionCountOf } from "../wire/topic.ts";
import { replaceFile, syncDir } from "./log/files.ts";
import { PartitionLog, type PartitionLogOptions } from "./log/partition-log.ts";

const SPEC_FILE = "topic.json";

export type TopicEnvironment = Pick<PartitionLogOptions, "settings" | "buffers" | "log" | "now">;

export class Topic {
  readonly name: string;
  readonly #dir: string;
  readonly #environment: TopicEnvironment;
  readonly #partitions: PartitionLog[] = [];
  #spec: TopicSpec;

  private constructor(
    dir: string,
    named: { readonly name: string; readonly spec: TopicSpec },
    environment: TopicEnvironment,
  ) {
    this.#dir = dir;
    this.name = named.name;
    this.#spec = named.spec;
    this.#environment = environment;
  }

  /** Creates the topic on disk; when this returns, it survives a crash. */
  static async create(
    dir: string,
    named: { readonly name: string; readonly spec: TopicSpec },
    environment: TopicEnvironment,
  ): Promise<Topic> {
    await mkdir(dir, { recursive: true });
    const topic = new Topic(dir, named, environment);
    await topic.#openPartitions();
    await topic.#save();
    return topic;
  }

  /** Opens a topic; `undefined` when its creation was not finished. */
  static async open(
    dir: string,
    name: string,
    environment: TopicEnvironment,
  ): Promise<Topic | undefined> {
    const text = await readFile(join(dir, SPEC_FILE), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const topic = new Topic(dir, { name, spec: parseSpec(dir, text) }, environment);
    await topic.#openPartitions();
    return topic;
  }

  get spec(): TopicSpec {
    return this.#spec;
  }

  get partitions(): readonly PartitionLog[] {
    return this.#partitions;
  }

  async addPartitions(count: number): Promise<void> {
    const partitions = partitionCountOf(this.#spec.replicas) + count;
    this.#spec = {
      ...this.#spec,
      replicas: { kind: "computed", partitions, replicationFactor: 1, ignoreRack: false },
    };
    await this.#openPartitions();
    await this.#save();
  }

  async enforceRetention(): Promise<void> {
    const { settings } = this.#environment;
    const seconds = this.#spec.retentionSeconds ?? settings.retentionSecondsDefault;
    const bytesMax = this.#spec.storage?.partitionBytesMax ?? settings.partitionBytesMaxDefault;
    for (const partition of this.#partitions) {
      await partition.enforceRetention({ retentionMs: seconds * 1000, bytesMax });
    }
  }

  async close(): Promise<void> {
    for (const partition of this.#partitions) await partition.close();
  }

  async #openPartitions(): Promise<void> {
    const { settings } = this.#environment;
    const segmentBytesMax = this.#spec.storage?.segmentBytes ?? settings.segmentBytesMax;
    const count = partitionCountOf(this.#spec.replicas);
    for (let id = this.#partitions.length; id < count; id += 1) {
      const dir = join(this.#dir, String(id));
      const options = { dir, segmentBytesMax, ...this.#environment };
      this.#partitions.push(await PartitionLog.open(options));
    }
    await syncDir(this.#dir);
  }

  async #save(): Promise<void> {
    await replaceFile(join(this.#dir, SPEC_FILE), `${JSON.stringify(this.#spec, null, 2)}\n`);
  }
}

function parseSpec(dir: string, text: string): TopicSpec {
  try {
    return JSON.parse(text) as TopicSpec;
  } catch (error) {
    const hint = "Restore the file from a backup, or move the folder away to start without it.";
    throw new Error(`${join(dir, SPEC_FILE)} is damaged. ${hint}`, { cause: error });
  }
}
