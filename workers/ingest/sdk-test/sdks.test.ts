/**
 * The real SDKs of GameAnalytics against the real Worker over a real socket. Nothing of them is
 * changed but the host, which their authors made a constant.
 */
import { LOCAL_GAME } from "@arenaflow/events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestHarness } from "wrangler";

const CONFIG = join(import.meta.dirname, "../../../wrangler.toml");
const TRY_EVERY_MS = 50;
const TRIES = 300;
const load = createRequire(import.meta.url);

const harness = createTestHarness({ workers: [{ configPath: CONFIG }] });
let origin: string;

beforeAll(async () => {
  const { url } = await harness.listen();
  origin = url.origin;
});
afterAll(async () => harness.close());

interface Status {
  readonly accepted: number;
  readonly not_mapped: number;
  readonly rejected: number;
}

async function read<T>(path: string): Promise<T> {
  const headers = { authorization: "Bearer dev" };
  const response = await fetch(`${origin}${path}`, { headers });
  return (await response.json()) as T;
}

async function untilStatus(done: (status: Status) => boolean): Promise<Status> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const status = await read<Status>("/v1/status");
    if (done(status)) return status;
    await wait(TRY_EVERY_MS);
  }
  throw new Error(`the events did not arrive: ${JSON.stringify(await read("/v1/status"))}`);
}

async function recent(player: string): Promise<readonly Record<string, unknown>[]> {
  const { items } = await read<{ items: Record<string, unknown>[] }>("/v1/recent?limit=500");
  return items.filter((item) => item["player_id"] === player);
}

/** As much of gameanalytics-node-sdk as is used here. */
interface NodeSdk {
  url: string;
  sessionStart(user: string, data: object): Promise<{ offset: number } | undefined>;
  track(type: string, user: string, data: object): Promise<void>;
  sessionEnd(user: string): Promise<void>;
  users: Record<string, { interval: NodeJS.Timeout }>;
}

/** As much of a browser as the JavaScript SDK looks for. */
function pretendBrowser(): void {
  const stored = new Map<string, string>();
  const browser = {
    XMLHttpRequest: FetchRequest,
    localStorage: {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => void stored.set(name, value),
      removeItem: (name: string) => void stored.delete(name),
    },
    navigator: {
      onLine: true,
      userAgent:
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
      platform: "Linux x86_64",
      appName: "Netscape",
      appVersion: "5.0",
      vendor: "Google Inc.",
    },
    window: globalThis,
    addEventListener: () => undefined,
  };
  for (const [name, value] of Object.entries(browser)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** XMLHttpRequest, as far as the JavaScript SDK uses it. */
class FetchRequest {
  onreadystatechange: (() => void) | undefined;
  readyState = 0;
  status = 0;
  statusText = "";
  responseText = "";
  #url = "";
  readonly #headers = new Headers();

  open(_method: string, url: string): void {
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  send(body: string): void {
    void this.#send(body).finally(() => {
      this.readyState = 4;
      this.onreadystatechange?.();
    });
  }

  async #send(body: string): Promise<void> {
    const response = await fetch(this.#url, { method: "POST", body, headers: this.#headers });
    this.status = response.status;
    this.statusText = response.statusText;
    this.responseText = await response.text();
  }
}

/** As much of gameanalytics as is used here. */
interface JsSdk {
  http: { GAHTTPApi: { instance: { baseUrl: string; remoteConfigsBaseUrl: string } } };
  store: { GAStore: { instance: { eventsStore: readonly unknown[] } } };
  GameAnalytics: {
    setEventProcessInterval(seconds: number): void;
    configureUserId(id: string): void;
    configureBuild(build: string): void;
    initialize(key: string, secret: string): void;
    addProgressionEvent(status: number, ...parts: string[]): void;
    addBusinessEvent(
      currency: string,
      amount: number,
      itemType: string,
      itemId: string,
      cartType: string,
    ): void;
    addDesignEvent(id: string, value: number): void;
  };
}

const PROGRESSION_START = 1;
const PROGRESSION_FAIL = 3;

test("gameanalytics, the SDK for JavaScript", async () => {
  pretendBrowser();
  const before = await read<Status>("/v1/status");
  const { http, store, GameAnalytics } = load("gameanalytics") as JsSdk;
  http.GAHTTPApi.instance.baseUrl = `${origin}/v2`;
  http.GAHTTPApi.instance.remoteConfigsBaseUrl = `${origin}/remote_configs/v1`;
  GameAnalytics.setEventProcessInterval(1);
  GameAnalytics.configureUserId("js-player");
  GameAnalytics.configureBuild("2.0");
  GameAnalytics.initialize(LOCAL_GAME.game_key, LOCAL_GAME.secret);
  await untilStatus(({ accepted }) => accepted > before.accepted);
  GameAnalytics.addProgressionEvent(PROGRESSION_START, "world_3", "level_1");
  GameAnalytics.addProgressionEvent(PROGRESSION_FAIL, "world_3", "level_1");
  GameAnalytics.addBusinessEvent("EUR", 1_299, "skins", "dragon", "shop");
  GameAnalytics.addDesignEvent("shop:open", 2);
  const status = await untilStatus(({ accepted }) => accepted >= before.accepted + 4);
  expect(status.rejected).toBe(before.rejected);
  expect(await recent("js-player")).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ event_type: "session_start", build: "2.0" }),
      expect.objectContaining({ event_type: "level_start", map_id: "world_3" }),
      expect.objectContaining({ event_type: "level_fail", level_id: "level_1" }),
      expect.objectContaining({ item_id: "dragon", price: 12.99, currency: "EUR" }),
    ]),
  );
  // Taken for sent: the SDK keeps nothing.
  for (
    let attempt = 0;
    attempt < TRIES && store.GAStore.instance.eventsStore.length > 0;
    attempt += 1
  ) {
    await wait(TRY_EVERY_MS);
  }
  expect(store.GAStore.instance.eventsStore).toEqual([]);
});

test("gameanalytics-node-sdk", async () => {
  const before = await read<Status>("/v1/status");
  const Sdk = load("gameanalytics-node-sdk") as new (keys: object) => NodeSdk;
  const { game_key: key, secret } = LOCAL_GAME;
  const sdk = new Sdk({ key, secret, build: "1.0" });
  sdk.url = `${origin}/v2/${key}/`;
  const player = { platform: "ios", os_version: "ios 17.0.0", session_num: 1, device: "phone" };
  const session = await sdk.sessionStart("node-player", player);
  expect(Math.abs(session?.offset ?? 99)).toBeLessThan(5);
  const { interval } = sdk.users["node-player"] ?? {};
  await sdk.track("progression", "node-player", { event_id: "Start:world_1:level_2" });
  await sdk.track("business", "node-player", {
    event_id: "gems:pack_1",
    amount: 499,
    currency: "USD",
    transaction_num: 1,
  });
  await sdk.track("design", "node-player", { event_id: "menu:open", value: 1 });
  await sdk.sessionEnd("node-player");
  clearInterval(interval);
  const status = await untilStatus(({ accepted }) => accepted >= before.accepted + 4);
  expect(status.rejected).toBe(before.rejected);
  expect(status.not_mapped).toBe(before.not_mapped + 1);
  expect(await recent("node-player")).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ event_type: "session_start", platform: "ios", build: "1.0" }),
      expect.objectContaining({
        event_type: "level_start",
        map_id: "world_1",
        level_id: "level_2",
      }),
      expect.objectContaining({ item_id: "pack_1", price: 4.99, currency: "USD" }),
      expect.objectContaining({ event_type: "session_end" }),
    ]),
  );
});
