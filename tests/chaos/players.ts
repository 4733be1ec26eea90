/** The simulated game as clients that post until they are told to stop, and what they have sent. */
import { EVENT_TOPICS, type EventTopic } from "@arenaflow/events";
import { World, catalog, scenarioNamed } from "@arenaflow/simulation";
import { GameClients } from "../../local/fluvio-bridge/src/generate/game-clients.ts";
import { playWorld } from "../../local/fluvio-bridge/src/generate/play-world.ts";
import {
  PostAccount,
  type PostReport,
} from "../../local/fluvio-bridge/src/generate/post-report.ts";
import { Poster } from "../../local/fluvio-bridge/src/generate/poster.ts";
import type { Purchase } from "../reference/sales.ts";

const STEP_MS = 500;
const CONNECTIONS = 16;

/** Everything that was sent, each event once, as the clients know it. */
export interface Sent {
  readonly ids: Readonly<Record<EventTopic, ReadonlySet<string>>>;
  readonly purchases: readonly Purchase[];
}

export class Players {
  readonly account = new PostAccount();
  readonly #ids: Record<EventTopic, Set<string>> = {
    "player-events": new Set(),
    purchases: new Set(),
    "server-metrics": new Set(),
  };
  readonly #purchases: Purchase[] = [];
  readonly #startedMs = performance.now();
  readonly #world: World;
  readonly #clients: GameClients;

  constructor(options: { seed: number; rate: number }) {
    this.#world = new World({
      seed: options.seed,
      startMs: Date.now(),
      scenario: scenarioNamed("default"),
      catalog,
    });
    this.#world.setRate(options.rate);
    this.#clients = new GameClients(options.seed);
  }

  get sent(): Sent {
    return { ids: this.#ids, purchases: this.#purchases };
  }

  /** Plays until the signal, then lets every request settle. */
  async play(base: string, signal: AbortSignal): Promise<PostReport> {
    const poster = new Poster({
      base,
      key: "dev",
      connections: CONNECTIONS,
      account: this.account,
    });
    const pace = { durationMs: undefined, speed: 1, stepMs: STEP_MS, signal };
    try {
      for await (const { batch, isWhole } of playWorld(this.#world, pace)) {
        for (const topic of EVENT_TOPICS) {
          this.#clients.add(topic, batch[topic], this.#world.nowMs);
          this.#keep(topic, batch[topic]);
        }
        if (isWhole) await poster.post(this.#clients.takeDue(this.#world.nowMs));
      }
      await poster.post(this.#clients.takeDue(Infinity));
      await poster.finish();
    } finally {
      poster.close();
    }
    const seconds = (performance.now() - this.#startedMs) / 1000;
    return this.account.report({ seconds, clients: this.#clients.count, isKnownBefore: false });
  }

  #keep(topic: EventTopic, lines: readonly string[]): void {
    for (const line of lines) {
      const event = JSON.parse(line) as Purchase & { readonly event_id: string };
      this.#ids[topic].add(event.event_id);
      if (topic === "purchases") this.#purchases.push(event);
    }
  }
}
