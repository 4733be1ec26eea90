/**
 * What the client knows of the cluster: a connection to the SC, reopened when lost; which SPU leads
 * which partition; and one connection per SPU that producers share.
 */
import { setTimeout as delay } from "node:timers/promises";
import { decodeListResponse, encodeListRequest } from "../wire/admin-list.ts";
import { API_KEY, VERSION } from "../wire/api-keys.ts";
import { BufferPool } from "../wire/buffer-pool.ts";
import type { ObjectByType, ObjectType } from "../wire/objects.ts";
import { partitionKey } from "../wire/partition.ts";
import { partitionCountOf, type TopicCompression } from "../wire/topic.ts";
import { Connection, type Address, type ConnectionOptions } from "./connection.ts";
import { FluvioError, toFluvioError } from "./fluvio-error.ts";
import { SharedConnection } from "./shared-connection.ts";

export interface TopicLayout {
  readonly topic: string;
  readonly compression: TopicCompression;
  /** SPU that leads each partition; the index is the partition. */
  readonly leaders: readonly number[];
}

interface ListOptions {
  readonly filters?: readonly string[];
  readonly system?: boolean;
}

/** Pause between looks at a topic whose partitions have no leader yet. */
const LAYOUT_RETRY_MS = 100;
const ADMIN_VERSIONS = { min: 15, max: VERSION.admin };

export class Cluster {
  /** Buffers that producers build batches in. */
  readonly buffers = new BufferPool((bytes) => Buffer.allocUnsafeSlow(bytes));
  readonly #options: ConnectionOptions;
  readonly #address: Address;
  readonly #spus = new Map<number, SharedConnection>();
  readonly #sc: SharedConnection;
  #isClosed = false;

  constructor(address: Address, options: ConnectionOptions) {
    this.#options = options;
    this.#address = address;
    this.#sc = new SharedConnection(() => this.#open(address));
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** The connection to the SC that look-ups share. */
  sc(): Promise<Connection> {
    return this.#sc.get();
  }

  /**
   * A connection to the SC of its own. Its owner closes it. An SC answers one call after another on
   * a connection, and a change can take long: it must not hold up look-ups.
   */
  openSc(): Promise<Connection> {
    return this.#open(this.#address);
  }

  /** Lists objects of one type. */
  async list<Type extends ObjectType>(
    type: Type,
    request: ListOptions = {},
  ): Promise<ObjectByType[Type][]> {
    try {
      return await this.#listOnce(type, request);
    } catch (error) {
      // A server that was restarted is found out only by the first call after it.
      if (this.#isClosed || toFluvioError(error).code !== "ConnectionClosed") throw error;
      return this.#listOnce(type, request);
    }
  }

  async #listOnce<Type extends ObjectType>(
    type: Type,
    request: ListOptions,
  ): Promise<ObjectByType[Type][]> {
    const { filters = [], system = false } = request;
    const connection = await this.sc();
    const version = connection.version(API_KEY.list, ADMIN_VERSIONS);
    return connection.request({
      key: API_KEY.list,
      version,
      encode: (writer) => encodeListRequest(writer, { type, filters, summary: false, system }),
      decode: (reader) => decodeListResponse(reader, type, version),
    });
  }

  /**
   * Finds who leads a topic's partitions; waits, up to the deadline, for those just created.
   * @throws FluvioError `TopicNotFound`
   */
  async layout(topic: string): Promise<TopicLayout> {
    const deadlineMs = performance.now() + this.timeoutMs;
    for (;;) {
      const layout = await this.#findLayout(topic);
      if (layout !== undefined) return layout;
      if (performance.now() > deadlineMs) {
        const message = `topic "${topic}" has partitions without a leader: is an SPU down?`;
        throw new FluvioError("TopicNotProvisioned", message);
      }
      await delay(LAYOUT_RETRY_MS);
    }
  }

  /** The connection to an SPU that producers and short calls share. */
  spu(id: number): Promise<Connection> {
    let shared = this.#spus.get(id);
    if (shared === undefined) {
      shared = new SharedConnection(() => this.openSpu(id));
      this.#spus.set(id, shared);
    }
    return shared.get();
  }

  /** A connection to an SPU of its own. Its owner closes it. */
  async openSpu(id: number): Promise<Connection> {
    return this.#open(await this.#spuAddress(id));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#sc.close();
    for (const shared of this.#spus.values()) await shared.close();
  }

  async #open(address: Address): Promise<Connection> {
    if (!this.#isClosed) {
      const connection = await Connection.open(address, this.#options);
      if (!this.#isClosed) return connection;
      connection.close();
    }
    throw new FluvioError("Closed", "the client was closed");
  }

  async #findLayout(topic: string): Promise<TopicLayout | undefined> {
    const filters = [topic];
    // Some servers take a filter for a part of the name.
    const named = ({ key }: { readonly key: string }): boolean => key === topic;
    const object =
      (await this.list("Topic", { filters })).find(named) ??
      (await this.list("Topic", { filters, system: true })).find(named);
    if (object === undefined) {
      const hint = "Create it with admin.createTopic or `arenaflow topics create`.";
      throw new FluvioError("TopicNotFound", `there is no topic "${topic}". ${hint}`);
    }
    const { system, compression, replicas } = object.spec;
    const partitions = await this.list("Partition", { system });
    const leaderByKey = new Map(partitions.map(({ key, spec }) => [key, spec.leader]));
    const wanted = partitionCountOf(replicas);
    const leaders: number[] = [];
    for (let partition = 0; partition < wanted; partition += 1) {
      const leader = leaderByKey.get(partitionKey(topic, partition));
      if (leader === undefined) return undefined;
      leaders.push(leader);
    }
    return { topic, compression, leaders };
  }

  async #spuAddress(id: number): Promise<Address> {
    const spus = await this.list("SPU");
    const spu = spus.find(({ spec }) => spec.id === id);
    if (spu === undefined) throw new FluvioError("SpuNotFound", `the cluster has no SPU ${id}`);
    const { port, ingress } = spu.spec.publicEndpoint;
    const host = ingress.map((entry) => entry.host ?? entry.ip).find((entry) => entry !== null);
    if (host === undefined) {
      throw new FluvioError("SpuNotFound", `SPU ${id} has no public address yet`);
    }
    return { host, port, tlsPrefix: spu.key };
  }
}
