import { describe, expect, it } from "vitest";
import { insightKey, LOCAL_TITLE, titleOf } from "../src/index.ts";

const SALES = { window_start: 5000, window_end: 10_000, item_id: "skin_dragon" };

describe("the key of an insight", () => {
  it("begins its group with the title", () => {
    expect(insightKey("item-sales", { ...SALES, title_id: "moba" })).toBe(
      '5000/["moba","skin_dragon"]',
    );
  });

  it("is the same for no title and for the local one", () => {
    expect(insightKey("item-sales", SALES)).toBe(
      insightKey("item-sales", { ...SALES, title_id: LOCAL_TITLE }),
    );
  });

  it("keeps two titles apart where their groups are equal", () => {
    const keys = ["moba", "racer"].map((title_id) =>
      insightKey("session-stats", { title_id, window_start: 0, window_end: 5000 }),
    );
    expect(keys[0]).not.toBe(keys[1]);
  });

  it.each([{ title_id: 7 }, { title_id: "" }, { title_id: null }])(
    "has no place for %j",
    (wrong) => {
      expect(titleOf(wrong)).toBeUndefined();
      expect(insightKey("item-sales", { ...SALES, ...wrong })).toBeUndefined();
    },
  );

  it("takes whole numbers for parts of a group", () => {
    const cohort = { window_start: 0, cohort_day: "2026-11-22", day_number: 7 };
    expect(insightKey("day-cohorts", cohort)).toBe('0/["local","2026-11-22","7"]');
    expect(insightKey("day-cohorts", { ...cohort, day_number: 0.5 })).toBeUndefined();
  });

  it("needs every field of its group", () => {
    expect(insightKey("item-sales", { window_start: 0, window_end: 1 })).toBeUndefined();
    expect(insightKey("item-sales", { ...SALES, window_start: "0" })).toBeUndefined();
  });
});
