/** Titles whose addresses are stored as hashes: equal ones stay equal, none can be read anywhere. */
import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";

import { ask, deployed, MOVE, PURCHASE, readFeed } from "./helpers.ts";

afterEach(async () => reset());

const KEYS = [
  { key: "one", title: "one", roles: ["write", "read"] },
  { key: "two", title: "two", roles: ["write", "read"] },
  { key: "open", title: "open", roles: ["write", "read"] },
] as const;
const SECRET = "0123456789abcdef0123456789abcdef";
const TITLES = JSON.stringify({
  one: { address_secret: SECRET },
  two: { address_secret: `${SECRET}2` },
});
const ADDRESS = "203.0.113.9";
const HASH = /^hmac-[0-9a-f]{32}$/;

async function send(
  key: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const bindings = await deployed(KEYS, { ARENAFLOW_TITLES: TITLES });
  return ask(bindings, path, { key, body, headers });
}

test("a purchase's own address and the client's become the same hash", async () => {
  const { ip_address: _, ...without } = PURCHASE;
  const named = { ...PURCHASE, ip_address: ADDRESS };
  const from = { "cf-connecting-ip": ADDRESS };
  await send(
    "one",
    "/v1/events/purchases",
    [named, without, { ...named, ip_address: "2001:DB8::1" }],
    from,
  );
  await send("one", "/v1/events/purchases", [{ ...named, ip_address: "2001:db8::1" }]);
  await send("one", "/v1/events", [{ topic: "player-events", ...MOVE, ip_address: ADDRESS }]);
  // Enough to be stored as it came, were it not for the address in one of them.
  const many = [...Array.from({ length: 20 }, () => without), named];
  await send("one", "/v1/events/purchases", many);
  const records = await readFeed("purchases", 25);
  const addresses = records.map((record) => record["ip_address"]);
  expect(addresses.slice(0, 2)).toEqual([expect.stringMatching(HASH), addresses[0]]);
  expect(addresses[2]).toMatch(HASH);
  expect(addresses[2]).not.toBe(addresses[0]);
  expect(addresses[3]).toBe(addresses[2]);
  expect(addresses.at(-1)).toBe(addresses[0]);
  expect(JSON.stringify([records, await readFeed("player-events", 1)])).not.toContain(ADDRESS);
});

test("titles have hashes of their own, and a title without a secret keeps addresses", async () => {
  for (const { key } of KEYS) {
    await send(key, "/v1/events/purchases", { ...PURCHASE, ip_address: ADDRESS });
  }
  const records = await readFeed("purchases", 3);
  const of = (title: string) =>
    records.find((record) => record["title_id"] === title)?.["ip_address"];
  expect(of("one")).toMatch(HASH);
  expect(of("two")).toMatch(HASH);
  expect(of("one")).not.toBe(of("two"));
  expect(of("open")).toBe(ADDRESS);
});

test("rejected events do not give addresses away either", async () => {
  const named = { ...PURCHASE, ip_address: ADDRESS };
  const bad = [
    { ...named, price: "1" },
    { ...named, ip_address: [ADDRESS] },
    { ...named, ip_address: ADDRESS.repeat(20) },
    { ...named, ip_address: "" },
  ];
  const response = await send("one", "/v1/events/purchases", bad);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    rejected: [
      { code: "wrong_type", field: "price" },
      { code: "wrong_type", field: "ip_address" },
      { code: "too_long", field: "ip_address" },
      { code: "invalid_value", field: "ip_address" },
    ],
  });
  const lines = { "content-type": "application/x-ndjson" };
  const bindings = await deployed(KEYS, { ARENAFLOW_TITLES: TITLES });
  const broken = `{"ip_address":"${ADDRESS}",`;
  await ask(bindings, "/v1/events/purchases", { key: "one", body: broken, headers: lines });
  await ask(bindings, "/v1/events/purchases", { key: "one", body: broken });
  await ask(bindings, "/v1/events/purchases", { key: "one", body: [broken, [broken]] });
  const kept = await ask(bindings, "/v1/rejected", { key: "one" });
  const shown = await kept.text();
  expect(JSON.parse(shown).items.length).toBe(8);
  expect(shown).not.toContain(ADDRESS);
});
