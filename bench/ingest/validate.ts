/** `checkEvent` against `JSON.parse`, on one thread, in rounds that alternate. */
import { checkEvent } from "../../packages/events/src/index.ts";
import { median, round3 } from "./numbers.ts";
import { sampleEvent } from "./post-load.ts";

const EVENTS = 500;
const REPEATS = 200;
const ROUNDS = 11;
const WARM_UP_ROUNDS = 4;

/** CPU time of validating a batch of 500 events / CPU time of parsing it. */
export function validateRatio(): number {
  const text = JSON.stringify(Array.from({ length: EVENTS }, (_, index) => sampleEvent(index)));
  const ratios: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    let parsing = 0;
    let checking = 0;
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const started = performance.now();
      // Parsed anew each time: what is checked is what a request brings, not what the cache holds.
      const events = JSON.parse(text) as unknown[];
      const parsed = performance.now();
      for (const event of events) {
        if (checkEvent("player-events", event) !== undefined)
          throw new Error("a sample is invalid");
      }
      checking += performance.now() - parsed;
      parsing += parsed - started;
    }
    if (round >= WARM_UP_ROUNDS) ratios.push(checking / parsing);
  }
  return round3(median(ratios));
}
