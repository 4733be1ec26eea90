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

const STEP_MS = 500;
const CONNECTIONS = 16;
/** Clients that gather events for seconds would be late for most windows; these send sooner by as much. */
const SOONER_MS = 7000;

/** Everything that was sent, each event once, as the clients know it. */
export interface Sent {
  readonly ids: Readonly<Record<EventTopic, ReadonlySet<string>>>;
}

export class Players {
  readonly account = new PostAccount();
  readonly #ids: Record<EventTopic, Set<string>> = {
    "player-events": new Set(),
    purchases: new Set(),
    "server-metrics": new Set(),
  };
  readonly #options: { readonly seed: number; readonly rate: number };
  readonly #clients: GameClients;

  constructor(options: { seed: number; rate: number }) {
    this.#options = options;
    this.#clients = new GameClients(options.seed);
  }

  get sent(): Sent {
    return { ids: this.#ids };
  }

  /** Plays until the signal, then lets every request settle. */
  async play(base: string, signal: AbortSignal): Promise<PostReport> {
    const startedMs = performance.now();
    const { seed, rate } = this.#options;
    // Its time begins now: a game that lagged would be late for every window that a true clock closes.
    const startMs = Date.now();
    const world = new World({ seed, startMs, scenario: scenarioNamed("default"), catalog });
    world.setRate(rate);
    const poster = new Poster({
      base,
      key: "dev",
      connections: CONNECTIONS,
      account: this.account,
    });
    const pace = { durationMs: undefined, speed: 1, stepMs: STEP_MS, signal };
    try {
      for await (const { batch, isWhole } of playWorld(world, pace)) {
        for (const topic of EVENT_TOPICS) {
          this.#clients.add(topic, batch[topic], world.nowMs);
          this.#keep(topic, batch[topic]);
        }
        if (isWhole) await poster.post(this.#clients.takeDue(world.nowMs + SOONER_MS));
      }
      await poster.post(this.#clients.takeDue(Infinity));
      await poster.finish();
    } finally {
      poster.close();
    }
    const seconds = (performance.now() - startedMs) / 1000;
    return this.account.report({ seconds, clients: this.#clients.count, isKnownBefore: false });
  }

  #keep(topic: EventTopic, lines: readonly string[]): void {
    for (const line of lines) {
      const { event_id } = JSON.parse(line) as { readonly event_id: string };
      this.#ids[topic].add(event_id);
    }
  }
}
