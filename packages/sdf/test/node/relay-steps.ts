/** Steps of players for the dataflow `relay`, and what has to come out whatever happens to its runner. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fluvio } from "@arenaflow/fluvio/client";
import { type Received, Stage } from "./stage.ts";

export const RELAY = "packages/sdf/test/node/relay";

export const START_MS = 1_731_405_600_000;
const PLAYERS = 24;
const STEP_MS = 10;
const WINDOW_MS = 1000;
const CHUNK = 20;
const PAUSE_MS = 50;
/** Later than all windows of the steps. */
const END_MS = START_MS + 3_600_000;

export interface Step {
  readonly player: string;
  readonly at_ms: number;
}

/** Steps in the order of their time, but for a jitter that windows wait for. */
export function makeSteps(count: number): Step[] {
  return Array.from({ length: count }, (_, index) => ({
    player: `p${(index * 7) % PLAYERS}`,
    at_ms: START_MS + index * STEP_MS - ((index * 7919) % 150),
  }));
}

/** Six minutes' worth: more than are walked while runners are killed. */
const STEPS = makeSteps(CHUNK * 7200);

/** A server with the topics of `relay`, and nothing in them. */
export async function openRelayStage(partitions: number): Promise<Stage> {
  const stage = await Stage.open();
  await stage.fluvio.admin.createTopic("steps", { partitions });
  await stage.fluvio.admin.createTopic("numbered-steps", { partitions: 2 });
  return stage;
}

/** Sends steps, a few at a time. @returns those that were walked until `end` was true */
export async function walkUntil(
  fluvio: Fluvio,
  partitions: number,
  end: () => boolean,
): Promise<readonly Step[]> {
  let walked = 0;
  for (; !end(); walked += CHUNK) {
    await walk(fluvio, STEPS.slice(walked, walked + CHUNK), partitions);
    await sleep(PAUSE_MS);
  }
  return STEPS.slice(0, walked);
}

/** Sends steps; those of one player go to one partition. */
export async function walk(fluvio: Fluvio, steps: readonly Step[], partitions: number) {
  const producer = await fluvio.producer("steps", { lingerMs: 0 });
  await Promise.all(
    steps.map(async (step) => {
      const partition = Number(step.player.slice(1)) % partitions;
      return producer.send({ partition, value: JSON.stringify(step) });
    }),
  );
  await producer.close();
}

/** Moves time on in every partition, so that the last windows close. */
export async function walkOn(fluvio: Fluvio, partitions: number) {
  const last = Array.from({ length: 4 * partitions }, (_, index) => ({
    player: `end${index}`,
    at_ms: END_MS,
  }));
  const producer = await fluvio.producer("steps", { lingerMs: 0 });
  for (const [index, step] of last.entries()) {
    await producer.send({ partition: index % partitions, value: JSON.stringify(step) });
  }
  await producer.close();
}

/** What the first service has to make of the steps: each number but every fifth, the sixth … twice. */
export function numberedSteps(steps: readonly Step[]): string[] {
  const counts = new Map<string, number>();
  return steps
    .flatMap(({ player, at_ms }) => {
      const nth = (counts.get(player) ?? 0) + 1;
      counts.set(player, nth);
      const text = JSON.stringify({ player, nth, at_ms });
      if (nth % 5 === 0) return [];
      return nth % 5 === 1 ? [text, text] : [text];
    })
    .toSorted();
}

/** The numbered steps that came, without those that moved time on. */
export function numberedOf(received: readonly Received[]): string[] {
  const texts = received.flatMap(({ value: { player, nth, at_ms } }) =>
    String(player).startsWith("end") ? [] : [JSON.stringify({ player, nth, at_ms })],
  );
  return texts.toSorted();
}

type Tallies = Record<string, { steps: number; sum: number }>;

function add(tallies: Tallies, key: string, steps: number, sum: number): void {
  const tally = (tallies[key] ??= { steps: 0, sum: 0 });
  tally.steps += steps;
  tally.sum += sum;
}

/** What the second service has to make of them, by window and player. */
export function talliesOfSteps(steps: readonly Step[]): Tallies {
  const tallies: Tallies = {};
  for (const text of numberedSteps(steps)) {
    const { player, nth, at_ms } = JSON.parse(text) as Step & { nth: number };
    add(tallies, `${at_ms - (at_ms % WINDOW_MS)} ${player}`, 1, nth);
  }
  return tallies;
}

/** The tallies that came, those of several groups or of repeated results added up. */
export function talliesOf(received: readonly Received[]): Tallies {
  const tallies: Tallies = {};
  for (const { value } of received) {
    if (String(value["player"]).startsWith("end")) continue;
    const key = `${String(value["window_start"])} ${String(value["player"])}`;
    add(tallies, key, Number(value["steps"]), Number(value["sum"]));
  }
  return tallies;
}
