/** Two processes that share a dataflow's partitions, and hand them over when one dies. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { leaseState } from "../../src/node/lease.ts";
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

const PARTITIONS = 4;

let stage: Stage;

beforeEach(async () => {
  stage = await openRelayStage(PARTITIONS);
});

afterEach(() => stage.close());

/** Starts the process of one of the two groups. */
async function run(group: number) {
  const child = stage.start(RELAY, 2, [group]);
  await child.running;
  return child.process;
}

const stateOf = (group: number) => leaseState(`${stage.dir}/checkpoints/group-${group}-of-2`);

describe("two processes", () => {
  test("count each record once, whichever of them dies, and give back what they took over", async () => {
    const numbered = await stage.collect("numbered-steps");
    const tallies = await stage.collect("tallies");
    let isOver = false;
    const walking = walkUntil(stage.fluvio, PARTITIONS, () => isOver);
    const processes = [await run(0), await run(1)] as const;
    const running = [...processes];
    for (const dying of [0, 1, 0]) {
      await sleep(300 + Math.random() * 1200);
      const child = running[dying]!;
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(await stateOf(dying)).toBe("void");
      // The other one takes the group over …
      await vi.waitFor(async () => expect(await stateOf(dying)).toBe("held"), 15_000);
      await sleep(Math.random() * 1000);
      // … and gives it back.
      const before = stage.lines.length;
      running[dying] = await run(dying);
      // Two processes say so, and what they say comes in no certain order.
      await vi.waitFor(() => {
        const lines = stage.lines.slice(before).join();
        expect(lines).toContain(`Group ${dying} of 2 runs here`);
        expect(lines).toContain(`Group ${dying} of 2 was given back`);
      }, 15_000);
    }
    isOver = true;
    const steps = await walking;
    await walkOn(stage.fluvio, PARTITIONS);
    const wanted = talliesOfSteps(steps);
    await vi.waitFor(
      () => expect(Object.keys(talliesOf(tallies))).toHaveLength(Object.keys(wanted).length),
      { timeout: 20_000, interval: 200 },
    );
    await vi.waitFor(() => expect(talliesOf(tallies)).toEqual(wanted), 5_000);
    expect(numberedOf(numbered)).toEqual(numberedSteps(steps));
    for (const child of running) {
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([0, null]);
    }
  }, 120_000);

  test("do not both write when one was only suspended", async () => {
    const numbered = await stage.collect("numbered-steps");
    const tallies = await stage.collect("tallies");
    let isOver = false;
    const walking = walkUntil(stage.fluvio, PARTITIONS, () => isOver);
    const running = [await run(0), await run(1)] as const;
    await sleep(700);
    running[0].kill("SIGSTOP");
    // It lives, so only its silence tells.
    await vi.waitFor(() => expect(runsOf(0)).toBe(2), 20_000);
    const before = stage.lines.length;
    running[0].kill("SIGCONT");
    await vi.waitFor(
      () => expect(stage.lines.slice(before).join()).toContain("Another process runs the dataflow"),
      15_000,
    );
    // It asks for its group, as one that comes back does.
    await vi.waitFor(() => expect(runsOf(0)).toBe(3), 15_000);
    isOver = true;
    const steps = await walking;
    await walkOn(stage.fluvio, PARTITIONS);
    const wanted = talliesOfSteps(steps);
    await vi.waitFor(() => expect(talliesOf(tallies)).toEqual(wanted), {
      timeout: 20_000,
      interval: 500,
    });
    expect(numberedOf(numbered)).toEqual(numberedSteps(steps));
    for (const child of running) {
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([0, null]);
    }
  }, 120_000);
});

/** How often a group was begun to run. */
function runsOf(group: number) {
  return stage.lines.filter((line) => line.includes(`Group ${group} of 2 runs here`)).length;
}
