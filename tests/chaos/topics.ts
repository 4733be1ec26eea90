/** Everything that a topic holds, read with a client of its own after the run. */
import { Fluvio } from "@arenaflow/fluvio/client";

const TIMEOUT_MS = 10_000;

export class Topics {
  readonly #fluvio: Fluvio;

  private constructor(fluvio: Fluvio) {
    this.#fluvio = fluvio;
  }

  static async open(endpoint: string): Promise<Topics> {
    return new Topics(await Fluvio.connect({ endpoint, timeoutMs: TIMEOUT_MS }));
  }

  /** Calls back with every record from the first to the last there is now. @returns their number */
  async read(topic: string, take: (text: string, offset: number) => void): Promise<number> {
    const ranges = await this.#fluvio.offsets(topic);
    const left = new Map(ranges.map(({ partition, start, end }) => [partition, end - start]));
    const total = [...left.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) return 0;
    const consumer = await this.#fluvio.consumer(topic, { partitions: "all", start: "beginning" });
    const decoder = new TextDecoder();
    let seen = 0;
    for await (const { records } of consumer) {
      for (const { value, offset } of records) take(decoder.decode(value), offset);
      seen += records.length;
      if (seen >= total) break;
    }
    await consumer.close();
    return seen;
  }

  async close(): Promise<void> {
    await this.#fluvio.close();
  }
}
