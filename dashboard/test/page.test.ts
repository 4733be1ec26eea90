import { describe, expect, test } from "vitest";
import { csvOf } from "../src/csv.ts";
import { liveUrl, parseConfig } from "../src/config.ts";
import * as format from "../src/format.ts";
import { formatRoute, parseRoute } from "../src/route.ts";
import { curlLine } from "../src/ui/welcome.ts";

describe("formatters", () => {
  test("numbers and money", () => {
    expect(format.formatCount(12_345)).toBe("12,345");
    expect(format.formatMoney(123_450)).toBe("$1,234.50");
    expect(format.formatMoney(-499)).toBe("-$4.99");
    expect(format.formatMoneyCompact(123_450)).toBe("$1.2K");
    expect(format.formatTenth(35)).toBe("35.0");
    expect(format.plural(1, "player")).toBe("1 player");
    expect(format.plural(0, "player")).toBe("0 players");
  });

  test.each([
    [-5, "0 s"],
    [41_600, "42 s"],
    [60_000, "1 min"],
    [95_000, "1 min 35 s"],
    [11 * 60_000, "11 min"],
    [3_700_000, "1 h 1 min"],
  ])("an age of %i ms is %s", (ms, text) => expect(format.formatAge(ms)).toBe(text));

  test("session lengths", () => {
    expect(format.formatSession(35.24)).toBe("35.2 s");
    expect(format.formatSession(119.7)).toBe("2:00 min");
  });
});

describe("config.json", () => {
  test("empty api means this page's origin", () => {
    const config = parseConfig({ api: "", readKey: "dev" });
    expect(liveUrl(config, "http://127.0.0.1:8787")).toBe("ws://127.0.0.1:8787/v1/live");
  });

  test("another origin is used as it is, with TLS kept", () => {
    const config = parseConfig({ api: "https://api.example.com/", readKey: "k-1" });
    expect(liveUrl(config, "https://page.example.com")).toBe("wss://api.example.com/v1/live");
  });

  test.each([
    [null, "must hold an object"],
    [{ api: "api.example.com", readKey: "k" }, `"api"`],
    [{ api: "" }, `"readKey"`],
    [{ api: "", readKey: "two words" }, `"readKey"`],
  ])("%j is refused by name", (value, words) => expect(() => parseConfig(value)).toThrow(words));
});

describe("the address", () => {
  test("says what is on show, and is read back", () => {
    const route = {
      view: "overview",
      id: "",
      rangeMinutes: 15,
      atMs: 1_800_000_000_000,
      filter: { level: "a b&c", item: "x" },
    } as const;
    expect(formatRoute(route)).toBe("#/overview?range=15&at=1800000000000&level=a+b%26c&item=x");
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  test.each(["", "#", "#/nowhere?range=7&at=x", "#main"])(
    "%j falls back to the overview",
    (hash) => {
      expect(parseRoute(hash)).toEqual({
        view: "overview",
        id: "",
        rangeMinutes: 5,
        atMs: undefined,
        filter: {},
      });
    },
  );
});

test("the first event is one that can be pasted, with the local key only locally", () => {
  expect(curlLine("http://127.0.0.1:8787", "dev")).toMatch(/Bearer dev/);
  expect(curlLine("https://api.example.com", "read-1")).toMatch(/Bearer <write key>/);
});

test("a table becomes CSV that no spreadsheet takes for a formula", () => {
  const rows = [
    ["Item", "Revenue"],
    ['a "b", c', "$1,234.50"],
    ["=HYPERLINK(1)", "-$4.99"],
  ];
  expect(csvOf(rows)).toBe('Item,Revenue\r\n"a ""b"", c","$1,234.50"\r\n\'=HYPERLINK(1),-$4.99');
});
