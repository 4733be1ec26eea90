/** Topics: create, list, delete, add partitions. */
import { encodeCreateRequest } from "../wire/admin-create.ts";
import { encodeDeleteRequest } from "../wire/admin-delete.ts";
import { decodeAdminStatus } from "../wire/admin-status.ts";
import { encodeUpdateRequest } from "../wire/admin-update.ts";
import { API_KEY, VERSION } from "../wire/api-keys.ts";
import { partitionCountOf, type TopicCompression, type TopicSpec } from "../wire/topic.ts";
import type { Writer } from "../wire/writer.ts";
import type { Cluster } from "./cluster.ts";
import { FluvioError, serverError } from "./fluvio-error.ts";
import { untilServed } from "./served-topic.ts";

export interface TopicOptions {
  /** Default 1. */
  readonly partitions?: number;
  /** Default 1. */
  readonly replicationFactor?: number;
  /** How long records are kept; the cluster's default when absent. */
  readonly retentionSeconds?: number;
  /** Size at which a segment is closed. Retention deletes whole segments. */
  readonly segmentBytes?: number;
  /** Size of a partition beyond which its oldest segments are deleted. */
  readonly partitionBytesMax?: number;
  /** What producers must use; default `any`. */
  readonly compression?: TopicCompression;
}

export interface TopicInfo {
  readonly name: string;
  readonly partitions: number;
}

export interface TopicDescription extends TopicInfo {
  readonly spec: TopicSpec;
}

const VERSIONS = { min: 11, max: VERSION.admin };

export class Admin {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @throws FluvioError `TopicAlreadyExists`, `TopicInvalidName`, `TopicInvalidConfig`, … */
  async createTopic(name: string, options: TopicOptions = {}): Promise<void> {
    const { timeoutMs } = this.#cluster;
    const request = {
      type: "Topic",
      name,
      dryRun: false,
      timeoutMs,
      topic: specOf(options),
    } as const;
    const isNew = (await this.describeTopic(name)) === undefined;
    const confirmed = this.#call(API_KEY.create, name, (writer, version) =>
      encodeCreateRequest(writer, request, version),
    );
    // The answer for a topic that was there before is an error, and it comes at once.
    await (isNew ? this.#untilUsable(name, confirmed) : confirmed);
  }

  /** Waits for the cluster's confirmation, or for the topic to work, whichever comes first. */
  async #untilUsable(name: string, confirmed: Promise<void>): Promise<void> {
    const looking = new AbortController();
    const served = untilServed(this.#cluster, name, looking.signal);
    try {
      await Promise.race([confirmed, served]);
    } finally {
      looking.abort();
      // The loser of the race may still fail, and nobody is left to hear of it.
      confirmed.catch(() => undefined);
      served.catch(() => undefined);
    }
  }

  /** Creates the topic unless it is there. An existing one keeps its partitions. */
  async ensureTopic(name: string, options: TopicOptions = {}): Promise<void> {
    if ((await this.describeTopic(name)) !== undefined) return;
    try {
      await this.createTopic(name, options);
    } catch (error) {
      if (error instanceof FluvioError && error.code === "TopicAlreadyExists") return;
      throw error;
    }
  }

  /** All topics but the system's own. */
  async listTopics(): Promise<TopicInfo[]> {
    const objects = await this.#cluster.list("Topic");
    return objects.map(({ key, spec }) => ({
      name: key,
      partitions: partitionCountOf(spec.replicas),
    }));
  }

  /** @returns `undefined` when there is no such topic */
  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    const objects = await this.#cluster.list("Topic", { filters: [name] });
    // Some servers take a filter for a part of the name.
    const object = objects.find(({ key }) => key === name);
    if (object === undefined) return undefined;
    return { name, partitions: partitionCountOf(object.spec.replicas), spec: object.spec };
  }

  /** @throws FluvioError `TopicNotFound` */
  async deleteTopic(name: string): Promise<void> {
    const request = { type: "Topic", name, force: false };
    await this.#call(API_KEY.delete, name, (writer, version) =>
      encodeDeleteRequest(writer, request, version),
    );
  }

  async addPartitions(name: string, count: number): Promise<void> {
    await this.#call(API_KEY.update, name, (writer) =>
      encodeUpdateRequest(writer, { name, addPartitions: count }),
    );
  }

  async #call(
    key: number,
    name: string,
    encode: (writer: Writer, version: number) => void,
  ): Promise<void> {
    const connection = await this.#cluster.openSc();
    try {
      const version = connection.version(key, VERSIONS);
      const status = await connection.request({
        key,
        version,
        encode: (writer) => encode(writer, version),
        decode: decodeAdminStatus,
      });
      if (status.error.name !== "None") {
        throw serverError(status.error, `topic "${name}"`, status.message);
      }
    } finally {
      connection.close();
    }
  }
}

function specOf(options: TopicOptions): TopicSpec {
  const { partitions = 1, replicationFactor = 1, compression = "any" } = options;
  const { segmentBytes = null, partitionBytesMax = null, retentionSeconds = null } = options;
  const hasStorage = segmentBytes !== null || partitionBytesMax !== null;
  return {
    replicas: { kind: "computed", partitions, replicationFactor, ignoreRack: false },
    retentionSeconds,
    storage: hasStorage ? { segmentBytes, partitionBytesMax } : null,
    compression,
    deduplication: null,
    system: false,
  };
}
