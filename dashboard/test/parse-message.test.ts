import { expect, test } from "vitest";
import { parseFrame } from "../src/data/parse-message.ts";
import { activity, health, sale } from "./samples.ts";

const message = { topic: "level-activity", position: 7, value: activity(0) };

test("a frame is one message or an array of them", () => {
  const sales = { topic: "item-sales", position: 8, value: sale(0) };
  const server = { topic: "server-health", position: 9, value: health(0) };
  expect(parseFrame(JSON.stringify(message)).messages).toEqual([message]);
  expect(parseFrame(JSON.stringify([message, sales, server])).messages).toHaveLength(3);
});

test.each([
  ["no JSON", "{"],
  ["another topic", JSON.stringify({ ...message, topic: "player-events" })],
  ["no position", JSON.stringify({ ...message, position: undefined })],
  [
    "a number as text",
    JSON.stringify({ ...message, value: { ...message.value, active_players: "3" } }),
  ],
  [
    "no window",
    JSON.stringify({ ...message, value: { ...message.value, window_start: undefined } }),
  ],
  [
    "a flag without a player",
    JSON.stringify({ topic: "item-sales", position: 1, value: { ...sale(0), fraud_flags: [{}] } }),
  ],
  ["null", "null"],
])("what cannot be shown is counted and left out: %s", (_, text) => {
  expect(parseFrame(text)).toEqual({ messages: [], unreadable: 1 });
});

test("unknown extra fields do not matter", () => {
  const extra = { ...message, value: { ...message.value, region: "eu" } };
  expect(parseFrame(JSON.stringify(extra)).messages).toHaveLength(1);
});
