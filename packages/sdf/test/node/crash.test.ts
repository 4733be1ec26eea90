/** A runner that is killed again and again, on a dataflow of two services with a topic between them. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  numberedOf,
  numberedSteps,
  openRelayStage,
  RELAY,
  talliesOf,
  talliesOfSteps,
  walkOn,
  walkUntil,
} from "./relay-steps.ts";
import type { Stage } from "./stage.ts";

const PARTITIONS = 3;
/** Longest life of a runner, from its start on: some are killed while they still catch up. */
const LIFE_MS_MAX = 600;

let stage: Stage;

beforeEach(async () => {
  stage = await openRelayStage(PARTITIONS);
});

afterEach(() => stage.close());

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
