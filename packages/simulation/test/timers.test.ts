import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Timers } from "../src/timers.ts";

it("gives timers by time, and equal times in the order they were entered", () => {
  const command = fc.oneof(
    fc.record({ add: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ postpone: fc.integer({ min: 0, max: 20 }) }),
    fc.constant({ drop: true }),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const timers = new Timers();
      let model: { timeMs: number; entered: number; index: number }[] = [];
      let entered = 0;
      const sorted = () => model.toSorted((a, b) => a.timeMs - b.timeMs || a.entered - b.entered);
      for (const one of commands) {
        const [first] = sorted();
        if ("add" in one) {
          timers.add(one.add, 3, entered);
          model.push({ timeMs: one.add, entered, index: entered });
        } else if (first !== undefined && "drop" in one) {
          timers.drop();
          model = model.filter((timer) => timer !== first);
        } else if (first !== undefined && "postpone" in one) {
          timers.postpone(first.timeMs + one.postpone);
          first.timeMs += one.postpone;
          first.entered = entered;
        }
        entered += 1;
        const next = sorted()[0];
        expect(timers.size).toBe(model.length);
        expect(timers.nextMs).toBe(next?.timeMs ?? Infinity);
        if (next !== undefined) expect(timers.nextIndex).toBe(next.index);
      }
    }),
  );
});
