import { describe, expect, it } from "vitest";
import {
  catalog,
  FRAUD_PATTERNS,
  LOOK_ALIKES,
  parseInjection,
  type TruthEntry,
  type World,
} from "../src/index.ts";
import { type Event, groupBy, MINUTE_MS, newWorld, run, START_MS, timeOf } from "./support.ts";

function labelOf(entries: readonly TruthEntry[]): Map<unknown, TruthEntry> {
  return new Map(entries.flatMap((entry) => entry.event_ids.map((id) => [id, entry])));
}

function catalogPrice(event: Event): number | undefined {
  const item = catalog.items.find((one) => one.itemId === event["item_id"]);
  return item?.prices.get(String(event["currency"]));
}

function fraudOf(entry: TruthEntry | undefined): string | undefined {
  return entry?.label === "fraud" ? entry.pattern : undefined;
}

function shapes(events: readonly Event[]): Set<string> {
  return new Set(events.map((event) => Object.keys(event).join()));
}

describe("purchases", () => {
  const world = newWorld();
  const { purchases } = run(world, 12 * MINUTE_MS);
  const truth = labelOf(world.truth.after(0, 10_000));

  it("cost what the catalog says, unless a client was tampered with", () => {
    for (const event of purchases) {
      const pattern = fraudOf(truth.get(event["event_id"]));
      const tampered = pattern === "price-tampering" || pattern === "unknown-item";
      expect(event["price"] === catalogPrice(event)).toBe(!tampered);
    }
  });

  it("favour some items far above others, in several currencies", () => {
    const honest = purchases.filter((event) => !truth.has(event["event_id"]));
    const counts = [...groupBy(honest, "item_id").values()].map((events) => events.length);
    expect(Math.max(...counts) / honest.length).toBeGreaterThan(0.12);
    expect(groupBy(honest, "currency").size).toBeGreaterThan(5);
  });

  it("of honest players are seconds apart", () => {
    const honest = purchases.filter(
      (event) => !truth.has(event["event_id"]) && event["transaction_type"] === "purchase",
    );
    for (const events of groupBy(honest, "player_id").values()) {
      const times = events.map(timeOf);
      for (let at = 1; at < times.length; at += 1) {
        expect(times[at]! - times[at - 1]!).toBeGreaterThanOrEqual(7999);
      }
    }
  });

  it("are given back only after they were made, at the same price", () => {
    const bought = new Map<unknown, Event>();
    let refunds = 0;
    for (const event of purchases) {
      if (event["transaction_type"] === "purchase") bought.set(event["transaction_id"], event);
      else {
        refunds += 1;
        expect(bought.get(event["transaction_id"])).toMatchObject({
          player_id: event["player_id"],
          item_id: event["item_id"],
          price: event["price"],
        });
      }
    }
    expect(refunds).toBeGreaterThan(3);
  });

  it("say nothing about which of them are fraud", () => {
    const fraud = purchases.filter((event) => fraudOf(truth.get(event["event_id"])) !== undefined);
    expect(fraud.length).toBeGreaterThan(20);
    expect(shapes(fraud)).toEqual(shapes(purchases));
  });

  it("of honest players never look like a burst to a rule of four in five seconds", () => {
    const windows = Map.groupBy(purchases, (event) =>
      [Math.floor(timeOf(event) / 5000), event["player_id"], event["ip_address"]].join(),
    );
    const flagged = [...windows.values()].filter((events) => events.length >= 4);
    const innocent = flagged.filter((events) =>
      events.every((event) => fraudOf(truth.get(event["event_id"])) === undefined),
    );
    expect(flagged.length).toBeGreaterThan(10);
    expect(innocent).toEqual([]);
  });

  it("contain a burst within the first minute, and in most half minutes after it", () => {
    const bursts = world.truth
      .after(0, 10_000)
      .filter((entry) => entry.pattern === "velocity-account")
      .map((entry) => entry.started_at - world.options.startMs);
    expect(Math.min(...bursts)).toBeLessThan(MINUTE_MS);
    expect(bursts.length).toBeGreaterThan(12);
  });
});

/** Plays one pattern alone for long enough, and returns its entry and its events. */
function play(world: World, request: object): { entry: TruthEntry; events: Event[] } {
  run(world, MINUTE_MS / 2);
  const receipt = world.inject(parseInjection(request));
  const position = Number(receipt.detail["truth_position"]);
  const purchases: Event[] = [];
  let entry: TruthEntry;
  do {
    purchases.push(...run(world, 2 * MINUTE_MS).purchases);
    entry = world.truth.after(position - 1, 1)[0]!;
  } while (!entry.complete && world.nowMs < START_MS + 60 * MINUTE_MS);
  const ids = new Set<unknown>(entry.event_ids);
  return { entry, events: purchases.filter((event) => ids.has(event["event_id"])) };
}

describe("the truth", () => {
  it.each(FRAUD_PATTERNS)("about %s matches the events", (pattern) => {
    const { entry, events } = play(newWorld(), { inject: "fraud-burst", pattern });
    expect(entry).toMatchObject({ label: "fraud", pattern, injected: true, complete: true });
    expect(events.map((event) => event["event_id"])).toEqual(entry.event_ids);
    expect(new Set(events.map((event) => event["player_id"]))).toEqual(new Set(entry.player_ids));
    expect(new Set(events.map((event) => event["ip_address"]))).toEqual(
      new Set(entry.ip_addresses),
    );
    expect(timeOf(events.at(-1)!)).toBe(entry.ended_at);
  });

  it.each(LOOK_ALIKES)("about %s says honest", (pattern) => {
    const { entry, events } = play(newWorld(), { inject: "look-alike", pattern });
    expect(entry).toMatchObject({ label: "honest", pattern, complete: true });
    expect(events.length).toBe(entry.event_ids.length);
    for (const event of events) expect(event["price"]).toBe(catalogPrice(event));
  });

  it("about a burst: one account, one address, one item, 5 to 12 times within 4 seconds", () => {
    const { entry, events } = play(newWorld(), { inject: "fraud-burst", item_id: "skin_dragon" });
    expect(events.length).toBeGreaterThanOrEqual(5);
    expect(events.length).toBeLessThanOrEqual(12);
    expect(entry.player_ids.length).toBe(1);
    expect(entry.ip_addresses.length).toBe(1);
    expect(entry.item_ids).toEqual(["skin_dragon"]);
    expect(entry.ended_at - timeOf(events[0]!)).toBeLessThan(4001);
  });

  it("is closed when the world skips a time: planned events do not come any more", () => {
    const world = newWorld();
    run(world, MINUTE_MS / 2);
    world.inject(parseInjection({ inject: "fraud-burst", pattern: "card-testing" }));
    world.skipTo(world.nowMs + 60 * MINUTE_MS);
    expect(world.truth.after(0, 1000).every((entry) => entry.complete)).toBe(true);
  });

  it("goes on counting where an earlier world ended", () => {
    const world = newWorld({ truthPosition: 41 });
    run(world, MINUTE_MS);
    expect(world.truth.after(0, 1)[0]?.position).toBe(42);
  });
});
