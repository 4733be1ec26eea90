/** Everything that arrives on the live WebSocket, with the time it came. */
import type { InsightTopic, LiveMessage } from "@arenaflow/events";

export interface Arrived {
  readonly message: LiveMessage;
  readonly atMs: number;
}

export class LiveCollector {
  readonly arrived: Arrived[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const atMs = Date.now();
      const parsed = JSON.parse(data) as LiveMessage | LiveMessage[];
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
        this.arrived.push({ message, atMs });
      }
      const last = this.arrived.at(-1);
      if (last !== undefined) socket.send(`{"seen":${last.message.position}}`);
    });
  }

  static async open(ingestUrl: string): Promise<LiveCollector> {
    const socket = new WebSocket(`${ingestUrl.replace("http", "ws")}/v1/live`, [
      "arenaflow.v1",
      "bearer.dev",
    ]);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("the live WebSocket did not open")));
    });
    return new LiveCollector(socket);
  }

  /** The insights of one topic, the last one of each key. */
  values<V>(topic: InsightTopic): V[] {
    return this.arrived
      .filter(({ message }) => message.topic === topic)
      .map(({ message }) => message.value as V);
  }

  /** Waits until a condition holds; rejects with what did arrive when it does not. */
  async until(condition: () => boolean, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!condition()) {
      if (Date.now() > deadline) {
        const last = this.arrived.slice(-5).map(({ message }) => JSON.stringify(message));
        throw new Error(
          `not within ${timeoutMs} ms; ${this.arrived.length} insights arrived, the last ones:\n${last.join("\n")}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  close(): void {
    this.#socket.close();
  }
}
