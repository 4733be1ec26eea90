/** Records between the topics and the engine. */
import { SEQUENCE_END } from "@arenaflow/fluvio/client";
import { describe, expect, test } from "vitest";
import { producerIdOf } from "../../src/node/channels.ts";
import { Inbox, type Portion, type SeenNumbers } from "../../src/node/inbox.ts";

const TAG = 5;
const OURS = producerIdOf(TAG, 0, 9);

/** Records from `offset` on, one for each time. */
function batch(
  partition: number,
  offset: number,
  times: readonly number[],
  run = { id: -1, sequence: -1 },
) {
  const records = times.map((timestamp, index) => ({
    offset: offset + index,
    timestamp,
    key: null,
    value: new Uint8Array(1),
  }));
  return { partition, records, runs: [{ at: 0, producerId: run.id, sequence: run.sequence }] };
}

function inboxOf(partitions: number, options: { tag?: number; seen?: SeenNumbers } = {}) {
  const inbox = new Inbox([{ topic: "t", tag: options.tag }], options.seen ?? {});
  for (let partition = 0; partition < partitions; partition += 1) inbox.addLane(0, partition, 0);
  return inbox;
}

const shown = (portion: Portion | undefined) =>
  portion && [portion.origin.partition, portion.records.map(({ offset }) => offset)];

function takeAll(inbox: Inbox) {
  const taken = [];
  for (;;) {
    const portion = shown(inbox.takeNext());
    if (portion === undefined) return taken;
    taken.push(portion);
  }
}

describe("records that wait", () => {
  test("come in the order of their times, with some slack", () => {
    const inbox = inboxOf(2);
    inbox.add(0, batch(0, 0, [1000, 1010, 2000]));
    inbox.add(0, batch(1, 0, [1500, 1505]));
    expect(takeAll(inbox)).toEqual([
      [0, [0, 1]],
      [1, [0, 1]],
      [0, [2]],
    ]);
  });

  test("wait for a partition that is known to have more", () => {
    const inbox = inboxOf(2);
    inbox.add(0, batch(0, 0, [1000]));
    inbox.saw(0, { partition: 1, start: 0, end: 1 });
    expect(inbox.takeNext()).toBeUndefined();
    inbox.add(0, batch(1, 0, [10]));
    expect(takeAll(inbox)).toEqual([
      [1, [0]],
      [0, [0]],
    ]);
    inbox.add(0, batch(0, 1, [1001]));
    inbox.saw(0, { partition: 1, start: 7, end: 7 });
    // What was removed is not worth waiting for.
    expect(takeAll(inbox)).toEqual([[0, [1]]]);
  });

  test("that come again after a reconnect are left out", () => {
    const inbox = inboxOf(1);
    inbox.add(0, batch(0, 0, [1, 2, 3]));
    inbox.add(0, batch(0, 1, [2, 3, 4]));
    expect(takeAll(inbox).flatMap(([, offsets]) => offsets)).toEqual([0, 1, 2, 3]);
  });

  test("can be had up to an offset, as they were before", () => {
    const inbox = inboxOf(1);
    expect(inbox.takeAgain(0, 0, 2)).toBeUndefined();
    inbox.add(0, batch(0, 0, [1, 2, 3]));
    expect(shown(inbox.takeAgain(0, 0, 2))).toEqual([0, [0, 1]]);
    expect(inbox.nextOf(0, 0)).toBe(2);
  });
});

describe("numbered records", () => {
  test("keep their channel, and count once", () => {
    const inbox = inboxOf(1, { tag: TAG });
    inbox.add(0, batch(0, 0, [1, 2, 3], { id: OURS, sequence: SEQUENCE_END - 2 }));
    inbox.add(0, batch(0, 3, [3, 4], { id: OURS, sequence: 0 }));
    inbox.add(0, batch(0, 5, [9], { id: producerIdOf(TAG + 1, 0, 9), sequence: 0 }));
    const portions = [inbox.takeNext(), inbox.takeNext(), inbox.takeNext()];
    expect(portions.map(shown)).toEqual([
      [0, [0, 1, 2]],
      [0, [4]],
      [0, [5]],
    ]);
    expect(portions.map((portion) => portion?.origin.channel)).toEqual([9, 9, undefined]);
    expect(inbox.seen).toEqual({ t: { 0: { [OURS]: 2 } } });
  });

  test("are known after a restart", () => {
    const inbox = inboxOf(1, { tag: TAG, seen: { t: { 0: { [OURS]: 4 } } } });
    inbox.add(0, batch(0, 0, [1, 2, 3], { id: OURS, sequence: 2 }));
    expect(takeAll(inbox)).toEqual([[0, [2]]]);
  });

  test("of another partition are others", () => {
    const inbox = inboxOf(2, { tag: TAG });
    inbox.add(0, batch(0, 0, [1], { id: OURS, sequence: 0 }));
    inbox.add(0, batch(1, 0, [1], { id: OURS, sequence: 0 }));
    expect(takeAll(inbox)).toEqual([
      [0, [0]],
      [1, [0]],
    ]);
  });
});
