/**
 * player-engagement against its reference model, on random histories. 30 in the suite;
 * ARENAFLOW_PROPERTY_RUNS=200 for the long form.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { EngagementModel } from "../../reference/engagement/model.ts";
import { playerHistory } from "./history.ts";
import { EngineRun, type Output } from "./run-engine.ts";

const numRuns = Number(process.env["ARENAFLOW_PROPERTY_RUNS"] ?? 30);
const TOPICS = [
  "level-activity",
  "session-stats",
  "pipeline-stats",
  "level-retention",
  "player-movement",
  "disconnects",
  "day-cohorts",
];
/** Ways of one kind and window have an order of their own; what is told is the same. */
function byTopic(outputs: readonly Output[]): Record<string, unknown[]> {
  return Object.fromEntries(
    TOPICS.map((topic) => [
      topic,
      outputs
        .filter((output) => output.topic === topic)
        .map(({ value }) => sortedFields(topic, value as object))
        .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    ]),
  );
}

/** All arrive at once: a title's account is told once, with the window of that moment, which no event decides. */
function sortedFields(topic: string, value: object): object {
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const own =
    topic === "pipeline-stats" ? fields.filter(([n]) => !n.startsWith("window_")) : fields;
  return Object.fromEntries(own);
}

test("every insight about players equals the reference model's", async () => {
  await fc.assert(
    fc.asyncProperty(playerHistory, async (arrivals) => {
      const engine = await EngineRun.of("player-engagement");
      const lines = arrivals.map(({ event }) => JSON.stringify(event));
      engine.feed("player-events", lines, arrivals[0]?.timeMs ?? 0);
      engine.finish();

      const expected: Output[] = [];
      const model = new EngagementModel((topic, value) => expected.push({ topic, value }));
      for (const { event } of arrivals) model.add(event);
      model.finish();
      expect(byTopic(engine.outputs)).toEqual(byTopic(expected));
    }),
    { numRuns },
  );
}, 300_000);
