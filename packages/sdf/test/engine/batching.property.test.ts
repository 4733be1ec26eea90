import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DataflowEngine, type InputRecord } from "../../src/engine/index.ts";
import { drainValues, loadModule, recordsOf } from "./load.ts";

const START_MS = 1_731_405_600_000;
const module = await loadModule("dataflows/game-economy");

const purchase = fc.record({
  player_id: fc.constantFrom("ann", "bob", "eve"),
  item_id: fc.constantFrom("hat", "sword"),
  price: fc.integer({ min: 0, max: 100_000 }).map((cents) => cents / 100),
  currency: fc.constantFrom("USD", "EUR", "JPY", "XXX"),
  purchase_timestamp: fc
    .integer({ min: 0, max: 30_000 })
    .map((ms) => new Date(START_MS + ms).toISOString()),
  ip_address: fc.constantFrom("10.0.0.1", "10.0.0.2"),
  event_id: fc.option(fc.integer({ min: 0, max: 20 }).map(String), { nil: undefined }),
  transaction_type: fc.constantFrom("purchase", "refund"),
});

/** Where to cut, and whether a new instance takes over there from a snapshot. */
const cut = fc.record({ size: fc.integer({ min: 1, max: 40 }), handOver: fc.boolean() });

function runCut(
  records: readonly InputRecord[],
  cuts: readonly { size: number; handOver: boolean }[],
) {
  let engine = new DataflowEngine(module);
  const values: unknown[] = [];
  let dropped = 0;
  let from = 0;
  for (const { size, handOver } of [...cuts, { size: records.length, handOver: false }]) {
    const slice = records.slice(from, from + size);
    engine.process({ source: 0, partition: 0, records: slice }, START_MS);
    values.push(...drainValues(engine));
    dropped += engine.takeRejections().length;
    from += size;
    if (!handOver) continue;
    const snapshot = engine.snapshot();
    engine = new DataflowEngine(module);
    engine.restore(snapshot);
  }
  engine.finish();
  values.push(...drainValues(engine));
  return { values, dropped };
}

test("neither batches nor snapshots show in the results", () => {
  fc.assert(
    fc.property(
      fc.array(purchase, { maxLength: 120 }),
      fc.array(cut, { maxLength: 12 }),
      (purchases, cuts) => {
        const records = recordsOf(purchases, START_MS);
        expect(runCut(records, cuts)).toEqual(runCut(records, []));
      },
    ),
    { numRuns: 60 },
  );
});
