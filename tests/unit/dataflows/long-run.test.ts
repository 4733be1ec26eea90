/** The short form of `npm run test:long`. */
import { expect, test } from "vitest";
import { longRun } from "../../long/long-run.ts";

test("a game's insights equal the reference models', all of them", async () => {
  const { equal, differences } = await longRun({ events: 60_000, seed: 11 });
  expect(differences).toEqual([]);
  for (const [topic, count] of Object.entries(equal))
    expect([topic, count > 0]).toEqual([topic, true]);
}, 120_000);
