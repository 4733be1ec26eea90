/** `arenaflow generate --direct`: the simulated game's events straight into Fluvio topics. */
import { join } from "node:path";
import { EVENT_TOPICS } from "@arenaflow/events";
import { Fluvio } from "@arenaflow/fluvio/client";
import { loadNativeClient, NATIVE_PACKAGE, NATIVE_VERSION } from "@arenaflow/fluvio/native";
import type { World } from "@arenaflow/simulation";
import { PROJECT_DIR } from "../stack/layout.ts";
import { playWorld } from "./play-world.ts";
import { clockText, countText, Progress } from "./progress.ts";
import {
  NativeWriter,
  OwnWriter,
  throwNative,
  type TopicCounts,
  type TopicWriter,
} from "./topic-writer.ts";

export type ClientChoice = "auto" | "native" | "own";

/** Where `packages/fluvio/scripts/install-native-client.ts` puts the native client. */
const NATIVE_DIR = join(PROJECT_DIR, ".arenaflow", "native-client");
const INSTALL_NATIVE = "node packages/fluvio/scripts/install-native-client.ts";
/** How finely the world's time is cut; it does not show in the events. */
const STEP_MS = 50;

export interface DirectOptions {
  readonly world: World;
  readonly endpoint: string;
  readonly client: ClientChoice;
  readonly durationMs: number | undefined;
  readonly speed: number;
  readonly signal: AbortSignal;
  /** Tells a person something, once. */
  readonly say: (text: string) => void;
  /** Told now and then, so that the truth of long runs can be kept. */
  readonly onStep: () => void;
}

export interface DirectTotals {
  readonly client: string;
  readonly seconds: number;
  readonly topics: Readonly<Record<string, { sent: number; acknowledged: number }>>;
}

/**
 * Plays a world into the topics, which are created where they are missing.
 * @returns what was sent, after everything has arrived
 * @throws when an event did not arrive
 */
export async function runDirect(options: DirectOptions): Promise<DirectTotals> {
  const fluvio = await Fluvio.connect({ endpoint: options.endpoint, clientId: "generate" });
  try {
    for (const topic of EVENT_TOPICS) await fluvio.admin.ensureTopic(topic);
    const writer = await openWriter(fluvio, options);
    return await writeWorld(writer, options);
  } finally {
    await fluvio.close();
  }
}

async function writeWorld(writer: TopicWriter, options: DirectOptions): Promise<DirectTotals> {
  const { world } = options;
  const beganMs = performance.now();
  const progress = new Progress(() => describe(world, writer, performance.now() - beganMs));
  try {
    for await (const { batch } of playWorld(world, { ...options, stepMs: STEP_MS })) {
      for (const topic of EVENT_TOPICS) await writer.write(topic, batch[topic]);
      options.onStep();
    }
    await writer.finish();
  } catch (error) {
    const { sent, acknowledged } = totalOf(writer);
    options.say(`Stopped: ${countText(sent)} sent, ${countText(acknowledged)} known to be there.`);
    throw error;
  } finally {
    progress.close();
    await writer.close();
  }
  const seconds = (performance.now() - beganMs) / 1000;
  const topics = EVENT_TOPICS.map((topic) => {
    const { sent, acknowledged } = writer.counts.get(topic) ?? { sent: 0, acknowledged: 0 };
    return [topic, { sent, acknowledged }] as const;
  });
  return { client: writer.client, seconds, topics: Object.fromEntries(topics) };
}

async function openWriter(
  fluvio: Fluvio,
  { client, endpoint, say }: DirectOptions,
): Promise<TopicWriter> {
  if (client === "own") {
    const writer = new OwnWriter(fluvio);
    say(`Publishing to ${endpoint} with ${writer.client}.`);
    return writer;
  }
  const module = await quietly(
    async () => (await loadNativeClient(NATIVE_DIR)) ?? (await loadNativeClient(PROJECT_DIR)),
  );
  if (module === undefined) {
    const how = `To install it (Linux x86-64, macOS): ${INSTALL_NATIVE}`;
    if (client === "native") throw new Error(`${NATIVE_PACKAGE} is not installed. ${how}`);
    const writer = new OwnWriter(fluvio);
    say(
      `Publishing to ${endpoint} with ${writer.client}: ${NATIVE_PACKAGE} is not installed. ${how}`,
    );
    return writer;
  }
  const { host, port } = splitEndpoint(endpoint);
  const native = await module.default.connect({ host, port }).catch(throwNative);
  const name = `the native ${NATIVE_PACKAGE} ${NATIVE_VERSION}`;
  say(`Publishing to ${endpoint} with ${name}.`);
  return new NativeWriter({ client: name, native, fluvio });
}

/** Loading the client strips its types, which Node calls experimental: nobody here can act on that. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...about: unknown[]) => {
    if (about[0] !== "ExperimentalWarning")
      Reflect.apply(emitWarning, undefined, [warning, ...about]);
  };
  try {
    return await work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function splitEndpoint(endpoint: string): { host: string; port: number } {
  const url = new URL(`fluvio://${endpoint}`);
  return { host: url.hostname, port: Number(url.port || 9003) };
}

function describe(world: World, writer: TopicWriter, elapsedMs: number): string {
  const { sent, acknowledged } = totalOf(writer);
  const parts = [
    `${countText(sent)} events`,
    `${countText((sent * 1000) / Math.max(1, elapsedMs))}/s`,
    `${countText(world.sessions.active)} players`,
    `game time ${clockText(world.nowMs)}`,
  ];
  if (acknowledged > 0) parts.push(`${countText(sent - acknowledged)} under way`);
  return `  ● ${parts.join(" · ")}`;
}

function totalOf(writer: TopicWriter): TopicCounts {
  const total = { sent: 0, acknowledged: 0 };
  for (const { sent, acknowledged } of writer.counts.values()) {
    total.sent += sent;
    total.acknowledged += acknowledged;
  }
  return total;
}
