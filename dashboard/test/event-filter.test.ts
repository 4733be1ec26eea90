import { describe, expect, test } from "vitest";
import { fieldsOf, matches, prettyEvent } from "../src/model/event-filter.ts";

describe("the debugger's filter", () => {
  const event = {
    topic: "purchases",
    text: '{"player_id":"Ann"}',
    fields: { player_id: "Ann", region: "eu" },
  };

  test.each([
    [{ filter: {}, topic: "", text: "" }, true],
    [{ filter: {}, topic: "player-events", text: "" }, false],
    [{ filter: { region: "eu" }, topic: "", text: "ann" }, true],
    [{ filter: { region: "us" }, topic: "", text: "" }, false],
    [{ filter: {}, topic: "", text: "ann bob" }, false],
  ])("%j: %s", (wanted, expected) => expect(matches(event, wanted)).toBe(expected));

  test("an event that is no JSON is shown as it came", () => {
    expect([fieldsOf("{"), prettyEvent("{")]).toEqual([{}, "{"]);
    expect(prettyEvent('{"a":1}')).toBe('{\n  "a": 1\n}');
  });
});
