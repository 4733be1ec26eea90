/** The client: where everything else begins. */
import { Admin } from "./admin.ts";
import { Cluster } from "./cluster.ts";
import { Consumer } from "./consumer.ts";
import { chooseEndpoint, parseEndpoint } from "./endpoint.ts";
import { fetchTopicRanges, type PartitionRange } from "./offsets.ts";
import type { TlsOptions } from "./profile.ts";
import { Producer, type ProducerOptions } from "./producer.ts";
import type { ConsumerOptions } from "./start-position.ts";

export type { PartitionRange } from "./offsets.ts";

export interface FluvioOptions {
  /**
   * `host:port` of the SC. Default: `FLUVIO_ENDPOINT`, else the active profile of Fluvio's own
   * tools, which also says whether to use TLS.
   */
  readonly endpoint?: string;
  /** For an endpoint that speaks TLS. */
  readonly tls?: TlsOptions;
  /** Names the client in the server's log. */
  readonly clientId?: string;
  /** Deadline of every call that waits for one answer. Default 10 s. */
  readonly timeoutMs?: number;
}

const CLIENT_ID_DEFAULT = "arenaflow";
const TIMEOUT_MS_DEFAULT = 10_000;

export class Fluvio {
  readonly admin: Admin;
  readonly #cluster: Cluster;
  readonly #producers = new Set<Producer>();
  readonly #consumers = new Set<Consumer>();

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.admin = new Admin(cluster);
  }

  /**
   * Connects to a cluster.
   * @throws FluvioError `Unreachable` when nothing answers as a Fluvio server there
   */
  static async connect(options: FluvioOptions = {}): Promise<Fluvio> {
    const { clientId = CLIENT_ID_DEFAULT, timeoutMs = TIMEOUT_MS_DEFAULT } = options;
    const { endpoint, tls } = await chooseEndpoint(options);
    const cluster = new Cluster(parseEndpoint(endpoint), { clientId, timeoutMs, tls });
    await cluster.sc();
    return new Fluvio(cluster);
  }

  /** @throws FluvioError `TopicNotFound` */
  async producer(topic: string, options: ProducerOptions = {}): Promise<Producer> {
    const producer = await Producer.open(this.#cluster, topic, options);
    forgetClosed(this.#producers);
    this.#producers.add(producer);
    return producer;
  }

  /** @throws FluvioError `TopicNotFound` */
  async consumer(topic: string, options: ConsumerOptions): Promise<Consumer> {
    const consumer = await Consumer.open(this.#cluster, topic, options);
    forgetClosed(this.#consumers);
    this.#consumers.add(consumer);
    return consumer;
  }

  /** Where each partition begins and ends. */
  offsets(topic: string): Promise<PartitionRange[]> {
    return fetchTopicRanges(this.#cluster, topic);
  }

  /** Flushes producers, ends consumers, closes all connections. */
  async close(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.close();
    // A send that failed has told its own caller; closing must succeed all the same.
    for (const producer of this.#producers) await producer.close().catch(() => undefined);
    await this.#cluster.close();
  }
}

function forgetClosed(opened: Set<{ readonly isClosed: boolean }>): void {
  for (const each of opened) if (each.isClosed) opened.delete(each);
}
