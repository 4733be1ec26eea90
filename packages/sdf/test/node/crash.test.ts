/** A runner that is killed again and again, on a dataflow of two services with a topic between them. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  makeSteps,
  numberedOf,
  numberedSteps,
  talliesOf,
  talliesOfSteps,
  walk,
  walkOn,
} from "./relay-steps.ts";
import { Stage } from "./stage.ts";

const RELAY = "packages/sdf/test/node/relay";
const PARTITIONS = 3;
/** Longest life of a runner, from its start on: some are killed while they still catch up. */
const LIFE_MS_MAX = 600;
const CHUNK = 20;
const PAUSE_MS = 50;
/** Six minutes' worth: more than are walked while the runner is killed. */
const STEPS = makeSteps(CHUNK * 7200);

let stage: Stage;

beforeEach(async () => {
  stage = await Stage.open();
  await stage.fluvio.admin.createTopic("steps", { partitions: PARTITIONS });
  await stage.fluvio.admin.createTopic("numbered-steps", { partitions: 2 });
});

afterEach(() => stage.close());

/** @returns the number of steps walked until `end` was true */
async function walkUntil(end: () => boolean) {
  let walked = 0;
  for (; !end(); walked += CHUNK) {
    await walk(stage.fluvio, STEPS.slice(walked, walked + CHUNK), PARTITIONS);
    await sleep(PAUSE_MS);
  }
  return walked;
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
      const walking = walkUntil(() => kills === killsMax);
      for (; kills < killsMax; kills += 1) {
        const child = stage.start(RELAY, threads);
        await child.running;
        await sleep(Math.random() * LIFE_MS_MAX);
        child.process.kill("SIGKILL");
        await once(child.process, "exit");
      }
      const steps = STEPS.slice(0, await walking);
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
    },
    120_000,
  );
});
