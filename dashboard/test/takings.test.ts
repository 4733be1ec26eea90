import type { Revenue } from "@arenaflow/events";
import { describe, expect, test } from "vitest";
import { takingsOf } from "../src/model/takings.ts";
import { courses, T0, windowAt } from "./samples.ts";

describe("takings", () => {
  const taking = (n: number, fields: Partial<Revenue> = {}): Revenue => ({
    period: "10s",
    purchase_count: 2,
    refund_count: 1,
    buyers: 2,
    gross_revenue: 10.1,
    refunded: 0.2,
    revenue: 9.9,
    by_item_type: [{ item_type: "skin", purchase_count: 2, revenue: 9.9 }],
    by_currency: [{ currency: "EUR", purchase_count: 2, revenue: 9.9 }],
    ...windowAt(n),
    ...fields,
  });

  test("only periods of ten seconds are added up; a minute under the same start is not counted twice", () => {
    const minute = taking(0, { period: "1m", window_end: T0 + 60_000 });
    const takings = takingsOf(courses(taking(0), minute, taking(2)));
    expect([takings.grossCents, takings.refundedCents, takings.refunds]).toEqual([2020, 40, 2]);
    expect(takings.byCurrency).toEqual([{ name: "EUR", cents: 1980, purchases: 4 }]);
  });

  test("conversion is known once players are", () => {
    const total = taking(1, { period: "total", paying_players: 5, active_players: 50 });
    expect(takingsOf(courses(total)).total).toMatchObject({ buyers: 5, conversion: 0.1 });
    expect(takingsOf(courses(taking(1, { period: "total" }))).total?.conversion).toBeUndefined();
  });
});
