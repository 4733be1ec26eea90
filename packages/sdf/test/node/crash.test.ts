/** A runner that is killed again and again, on a dataflow of two services with a topic between them. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  numberedOf,
  numberedSteps,
  openRelayStage,
  RELAY,
  type Step,
  talliesOf,
  talliesOfSteps,
  walkOn,
  walkUntil,
} from "./relay-steps.ts";
import type { Received, Stage } from "./stage.ts";

const PARTITIONS = 3;
/** Longest life of a runner, from its start on: some are killed while they still catch up. */
const LIFE_MS_MAX = 600;
/** A start with its first checkpoint is some 15 of them, turns and the next checkpoint 25 more. */
const STEPS_MAX = 40;

let stage: Stage;

beforeEach(async () => {
  stage = await openRelayStage(PARTITIONS);
});

afterEach(() => stage.close());

/** Lets a last runner finish, and compares both topics with what a run without kills makes. */
async function expectAsWithout(
  steps: readonly Step[],
  threads: number,
  { numbered, tallies }: { numbered: readonly Received[]; tallies: readonly Received[] },
): Promise<void> {
  const last = stage.start(RELAY, threads);
  await last.running;
  await walkOn(stage.fluvio, PARTITIONS);
  const wanted = talliesOfSteps(steps);
  await vi.waitFor(
    () => expect(Object.keys(talliesOf(tallies))).toHaveLength(Object.keys(wanted).length),
    { timeout: 20_000, interval: 200 },
  );
  expect(talliesOf(tallies)).toEqual(wanted);
  expect(numberedOf(numbered)).toEqual(numberedSteps(steps));
  last.process.kill("SIGTERM");
  expect(await once(last.process, "exit")).toEqual([0, null]);
}

describe("SIGKILL at random moments", () => {
  test.each([
    [20, 1],
    [8, 2],
  ])(
    "%i times with %i thread(s) leaves every topic as without",
    async (killsMax, threads) => {
      const numbered = await stage.collect("numbered-steps");
      const tallies = await stage.collect("tallies");
      let kills = 0;
      const walking = walkUntil(stage.fluvio, PARTITIONS, () => kills === killsMax);
      for (; kills < killsMax; kills += 1) {
        const child = stage.start(RELAY, threads);
        await child.running;
        await sleep(Math.random() * LIFE_MS_MAX);
        child.process.kill("SIGKILL");
        await once(child.process, "exit");
      }
      const steps = await walking;
      await expectAsWithout(steps, threads, { numbered, tallies });
    },
    120_000,
  );
});

test("SIGKILL in each step on files of a start, its turns and two checkpoints leaves every topic as without", async () => {
  const numbered = await stage.collect("numbered-steps");
  const tallies = await stage.collect("tallies");
  let isOver = false;
  const walking = walkUntil(stage.fluvio, PARTITIONS, () => isOver);
  for (let step = 1; step <= STEPS_MAX; step += 1) {
    const child = stage.start(RELAY, 1, [], step);
    child.running.catch(() => {});
    expect(await once(child.process, "exit")).toEqual([null, "SIGKILL"]);
  }
  isOver = true;
  await expectAsWithout(await walking, 1, { numbered, tallies });
}, 300_000);
