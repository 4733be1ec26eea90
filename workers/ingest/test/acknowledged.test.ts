/** Properties of the acknowledged positions, against a plain set. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { Acknowledged, type Range } from "../src/journal/acknowledged.ts";

const LAST = 40;
const range = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 10 }))
  .map(([from, length]): Range => [from, from + length]);

function fresh(islandsMax = 1_000): Acknowledged {
  return new Acknowledged({ position: 0, islands: [], islandsMax });
}

test("any order of any ranges ends where a set of positions ends", () => {
  fc.assert(
    fc.property(fc.array(fc.array(range, { maxLength: 5 }), { maxLength: 12 }), (calls) => {
      const acknowledged = fresh();
      const model = new Set<number>();
      for (const ranges of calls) {
        const size = model.size;
        for (const [from, to] of ranges) {
          for (let n = from; n <= Math.min(to, LAST); n += 1) model.add(n);
        }
        expect(acknowledged.add(ranges, LAST)).toBe(model.size > size);
        let position = 0;
        while (model.has(position + 1)) position += 1;
        expect(acknowledged.position).toBe(position);
        for (let n = 1; n <= LAST; n += 1) expect(acknowledged.covers(n, n)).toBe(model.has(n));
        let end = position;
        for (const [from, to] of acknowledged.islands) {
          expect(from).toBeGreaterThan(end + 1);
          end = to;
        }
      }
    }),
  );
});

test("too many islands: the farthest are forgotten, never anything before them", () => {
  const acknowledged = fresh(2);
  acknowledged.add(
    [
      [3, 3],
      [9, 9],
      [6, 6],
    ],
    LAST,
  );
  expect(acknowledged.islands).toEqual([
    [3, 3],
    [6, 6],
  ]);
});
