/** `arenaflow generate --post`: the simulated game's players and servers as clients of the API. */
import { EVENT_TOPICS } from "@arenaflow/events";
import type { World } from "@arenaflow/simulation";
import { describeError } from "../log.ts";
import { GameClients } from "./game-clients.ts";
import { playWorld } from "./play-world.ts";
import { PostAccount, type PostReport } from "./post-report.ts";
import { Poster } from "./poster.ts";
import { clockText, countText, Progress } from "./progress.ts";

/** Clients look whether something is due at these moments of the world's time. */
const STEP_MS = 500;
const HEALTH_MS_MAX = 5000;

export interface PostOptions {
  readonly world: World;
  /** The API's address; a path is kept in front of `/v1/events`. */
  readonly url: URL;
  readonly key: string;
  readonly connections: number;
  readonly durationMs: number | undefined;
  readonly speed: number;
  readonly signal: AbortSignal;
  readonly onStep: () => void;
  /** The same events may have been posted before, so that duplicates say nothing. */
  readonly isKnownBefore: boolean;
}

/**
 * Plays a world through clients that post.
 * @returns what was sent and what was answered, after every request is settled or given up
 * @throws when the API cannot be reached, or refuses the key
 */
export async function runPost(options: PostOptions): Promise<PostReport> {
  const { world, url, key, connections } = options;
  const base = url.href.replace(/\/(v1\/events\/?)?$/, "");
  await expectAnswer(base);
  const account = new PostAccount();
  const clients = new GameClients(world.options.seed);
  const poster = new Poster({ base, key, connections, account });
  const beganMs = performance.now();
  const progress = new Progress(() => describe(world, account, performance.now() - beganMs));
  try {
    for await (const { batch, isWhole } of playWorld(world, { ...options, stepMs: STEP_MS })) {
      for (const topic of EVENT_TOPICS) clients.add(topic, batch[topic], world.nowMs);
      if (isWhole) await poster.post(clients.takeDue(world.nowMs));
      options.onStep();
    }
    await poster.post(clients.takeDue(Infinity));
    await poster.finish();
  } finally {
    progress.close();
    poster.close();
  }
  const seconds = (performance.now() - beganMs) / 1000;
  return account.report({
    seconds,
    clients: clients.count,
    isKnownBefore: options.isKnownBefore,
  });
}

/** An address at which nobody answers is better found out at once. */
async function expectAnswer(base: string): Promise<void> {
  try {
    const response = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
    await response.arrayBuffer();
  } catch (error) {
    throw new Error(
      `nobody answers at ${base} (${describeError(error)}). Is it running? npm start`,
      {
        cause: error,
      },
    );
  }
}

function describe(world: World, account: PostAccount, elapsedMs: number): string {
  const perSecond = (account.events * 1000) / Math.max(1, elapsedMs);
  const parts = [
    `${countText(account.events)} events`,
    `${countText(perSecond)}/s`,
    `${countText(account.accepted)} accepted`,
    `${countText(account.unanswered)} requests open`,
    ...(account.retried > 0 ? [`${countText(account.retried)} retries`] : []),
    `game time ${clockText(world.nowMs)}`,
  ];
  return `  ● ${parts.join(" · ")}`;
}
