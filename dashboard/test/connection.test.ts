import { expect, test } from "vitest";
import { backoffMs, BACKOFF } from "../src/data/backoff.ts";
import { statusOf, STALE_AFTER_MS } from "../src/data/connection.ts";
import { clockAhead } from "../src/data/history.ts";
import { applyMessages, EMPTY_STATE } from "../src/data/store.ts";
import { activity, levelMessage, windowAt } from "./samples.ts";

const END = windowAt(0).window_end;
const WITH_DATA = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], END);

test("live means connected and recent", () => {
  expect(statusOf({ kind: "live" }, WITH_DATA, END + 3_000)).toMatchObject({
    kind: "live",
    label: "Live",
  });
});

test("connected with old data is stale and says how old", () => {
  const status = statusOf({ kind: "live" }, WITH_DATA, END + STALE_AFTER_MS + 22_000);
  expect(status).toMatchObject({ kind: "stale", label: "Stale · 42 s" });
});

test("connected without any data is empty, not live", () => {
  expect(statusOf({ kind: "live" }, EMPTY_STATE, END).kind).toBe("empty");
});

test("reconnecting says what is missing and when it tries again", () => {
  const connection = {
    kind: "reconnecting",
    lostAtMs: END + 1_000,
    retryAtMs: END + 14_000,
    reason: "The live connection was lost.",
  } as const;
  expect(statusOf(connection, WITH_DATA, END + 10_000)).toEqual({
    kind: "reconnecting",
    label: "Reconnecting",
    detail:
      "Missing the last 10 s; trying again in 4 s, the gap is filled then. The live connection was lost.",
  });
});

test("an error says what happened", () => {
  const status = statusOf(
    { kind: "error", reason: "Key refused.", retryAtMs: END },
    EMPTY_STATE,
    END,
  );
  expect(status).toEqual({
    kind: "error",
    label: "Not connected",
    detail: "Key refused. Trying now.",
  });
});

test("pauses double up to their bound and are spread over their upper half", () => {
  expect(backoffMs(0, 0)).toBe(BACKOFF.firstMs / 2);
  expect(backoffMs(1, 0.999)).toBeLessThanOrEqual(BACKOFF.firstMs * 2);
  expect(backoffMs(50, 0.999_999)).toBe(BACKOFF.maxMs);
});

test("the server's clock counts only when it is clearly another one", () => {
  const date = new Date(END).toUTCString();
  expect(clockAhead(date, END, END + 40)).toBe(0);
  expect(clockAhead(date, END - 60_000, END - 59_960)).toBeGreaterThan(59_000);
  expect(clockAhead(null, END, END)).toBe(0);
});
