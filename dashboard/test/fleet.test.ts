import { describe, expect, test } from "vitest";
import { fleetLatency, lossesOf, medianOf } from "../src/model/fleet.ts";
import { outagesOf } from "../src/model/outages.ts";
import { courses, health, T0, WINDOW_MS, windowAt } from "./samples.ts";

describe("outages", () => {
  const down = { state: "down", reason: "silent for 12 s" } as const;

  test("windows in a row are one outage, with its last reason, closed when the server is well", () => {
    const [outage, ...others] = outagesOf(
      courses(
        health(0),
        health(1, { ...down, reason: "silent for 10 s" }),
        health(2, down),
        health(3),
      ),
    );
    expect(others).toEqual([]);
    expect(outage).toEqual({
      server: "server_1",
      state: "down",
      reason: "silent for 12 s",
      fromMs: T0 + WINDOW_MS,
      toMs: T0 + 3 * WINDOW_MS,
      open: false,
    });
  });

  test("one that goes on in the newest window is open, and comes first", () => {
    const outages = outagesOf(
      courses(
        health(0, { state: "degraded", reason: "latency 300 ms" }),
        health(1),
        health(1, { server_id: "server_2", ...down }),
      ),
    );
    expect(outages.map(({ server, open }) => [server, open])).toEqual([
      ["server_2", true],
      ["server_1", false],
    ]);
  });
});

describe("the fleet", () => {
  test("a server that is down takes no part in latency", () => {
    const { median, p95, highest } = fleetLatency(
      courses(
        health(0, { latency: 10, latency_p95: 20, latency_max: 30 }),
        health(0, { server_id: "b", latency: 20, latency_p95: 90, latency_max: 95 }),
        health(0, { server_id: "c", latency: 0, latency_p95: 0, latency_max: 0, state: "down" }),
      ),
    );
    expect([median[0]?.[1], p95[0]?.[1], highest[0]?.[1]]).toEqual([15, 90, 95]);
  });

  test("the middle of nothing is unknown", () => {
    expect(medianOf([])).toBeNull();
    expect(medianOf([3, 1, 2])).toBe(2);
  });

  test("disconnections by server, with the reason of the worst window", () => {
    const one = (n: number, disconnects: number, reason: string) => ({
      server_id: "server_1",
      disconnects,
      sessions_ended: 10,
      disconnect_rate: disconnects / 10,
      main_reason: reason,
      ...windowAt(n),
    });
    const losses = lossesOf(courses(one(0, 1, "timeout"), one(1, 5, "server_crash")));
    expect(losses.servers).toEqual([
      { server: "server_1", disconnects: 6, sessionsEnded: 20, rate: 0.3, reason: "server_crash" },
    ]);
  });
});
