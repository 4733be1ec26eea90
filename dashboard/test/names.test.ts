import { describe, expect, test } from "vitest";
import { callerOf, calledBy, named, namesOf } from "../src/model/names.ts";
import { activity, courses, sale } from "./samples.ts";

const none = { "level-activity": [], "level-retention": [], "item-sales": [] };

describe("names", () => {
  const names = namesOf({
    ...none,
    "level-activity": courses(
      activity(0, { level_name: "First Light", map_name: "Salt Caverns" }),
      activity(1, { level_id: "level_02", map_id: "map_01" }),
    ),
    "item-sales": courses(sale(0, { item_name: "Dragon Skin" })),
  });

  test("are taken from all windows on show, not the newest alone", () => {
    const { level, map, item } = calledBy(names);
    expect([level("level_01"), map("map_05"), item("skin_dragon")]).toEqual([
      "First Light",
      "Salt Caverns",
      "Dragon Skin",
    ]);
  });

  test("what the catalog does not know is called by its id", () => {
    const { level, map } = calledBy(names);
    expect([level("level_02"), map("map_01"), named(names.levels, "level_02")]).toEqual([
      "level_02",
      "map_01",
      "level_02",
    ]);
  });

  test("stay while no window carries them, the same by identity", () => {
    expect(namesOf(none, names)).toBe(names);
  });

  test("two things of one name are told apart by their ids", () => {
    const called = callerOf(
      new Map([
        ["a", "Skin"],
        ["b", "Skin"],
        ["c", "Key"],
      ]),
    );
    expect(["a", "b", "c"].map(called)).toEqual(["a · Skin", "b · Skin", "Key"]);
  });
});
