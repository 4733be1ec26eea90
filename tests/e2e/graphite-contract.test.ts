/**
 * What the whole rests on and no document promises: that graphite-sink 0.2.0's way of writing a record
 * makes series of all its lines, that ours leaves the same in a real carbon, and that carbon stores
 * and drops the lines that we say it does.
 */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCounters } from "../../local/fluvio-bridge/src/connectors/counters.ts";
import { lineFault } from "../../local/fluvio-bridge/src/connectors/graphite-line.ts";
import { GraphiteSink } from "../../local/fluvio-bridge/src/connectors/graphite-sink.ts";
import {
  INSTALL_GRAPHITE,
  missingGraphite,
} from "../../local/fluvio-bridge/src/stack/graphite/installed.ts";
import {
  freeGraphitePorts,
  type LocalGraphite,
  startLocalGraphite,
} from "../../local/fluvio-bridge/src/stack/graphite/local-graphite.ts";
import { GraphiteClient, pointsOf } from "./graphite-client.ts";
import { removeFolder, temporaryFolder } from "./test-stack.ts";

const missing = await missingGraphite();
if (missing !== undefined) console.log(`Skipped: ${missing.what} ${INSTALL_GRAPHITE}`);

const VISIBLE_MS = 20_000;
const slotS = Math.floor(Date.now() / 10_000) * 10 - 60;

/** As a dataflow writes it. */
function record(root: string): string {
  return [
    "1 -1",
    `${root}.servers.server_1.cpu 70.5 ${slotS}`,
    `${root}.servers.server_1.latency 110 ${slotS + 10}`,
    `${root}.servers.server_1.up 0 ${slotS}`,
    `${root}.connector.last_line 0`,
  ].join("\n");
}

describe.skipIf(missing !== undefined && process.env["CI"] !== "true")("a real carbon", () => {
  const dir = temporaryFolder();
  let graphite: LocalGraphite;
  let client: GraphiteClient;
  let port: number;

  beforeAll(async () => {
    graphite = await startLocalGraphite(dir, await freeGraphitePorts());
    client = new GraphiteClient(graphite.url);
    port = Number(graphite.address.split(":")[1]);
  });

  afterAll(async () => {
    await graphite?.stop();
    removeFolder(dir);
  });

  /** Writes text on a connection of its own, and waits until carbon has read it. */
  function write(text: string): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port }, () => socket.end(text));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve());
      socket.resume();
    });
  }

  async function stored(root: string): Promise<Record<string, number[][]>> {
    const series = await client.render(`${root}.servers.*.*`, slotS - 1);
    return Object.fromEntries(
      series.map((each) => [each.target.slice(root.length), [...pointsOf(each)]]),
    );
  }

  const WANTED = {
    ".servers.server_1.cpu": [[slotS, 70.5]],
    ".servers.server_1.latency": [[slotS + 10, 110]],
    ".servers.server_1.up": [[slotS, 0]],
  };

  test("a record as graphite-sink 0.2.0 writes it becomes all its series, at their own times", async () => {
    const nowS = Math.floor(Date.now() / 1000);
    await write(`gaming_real.connector.heartbeat ${record("gaming_real")} ${nowS}\n`);
    await expect.poll(() => stored("gaming_real"), { timeout: VISIBLE_MS }).toEqual(WANTED);
    const ends = await client.render("gaming_real.connector.*", slotS - 1);
    expect(ends.map(({ target }) => target).toSorted()).toEqual([
      "gaming_real.connector.heartbeat",
      "gaming_real.connector.last_line",
    ]);
    for (const each of ends) expect(pointsOf(each).size).toBe(1);
  });

  test("ours leaves the same, also when it writes everything twice", async () => {
    const stop = new AbortController();
    const sink = new GraphiteSink(
      {
        type: "graphite-sink",
        metricPath: "gaming_ours.connector.heartbeat",
        host: "127.0.0.1",
        port,
        resendMs: 60_000,
        reportPath: undefined,
      },
      {
        signal: stop.signal,
        counters: newCounters(),
        log: () => undefined,
        onHealth: () => undefined,
      },
      Date.now,
    );
    const value = Buffer.from(record("gaming_ours"));
    await sink.deliver(value, () => undefined);
    await sink.deliver(value, () => undefined);
    stop.abort();
    sink.close();
    await expect.poll(() => stored("gaming_ours"), { timeout: VISIBLE_MS }).toEqual(WANTED);
  });

  test("carbon stores and drops the lines that we say it does", async () => {
    const line = (index: number, rest: string): string => `gaming_lines.line_${index}.x ${rest}`;
    const now = `${slotS}`;
    const lines = [
      `110 ${now}`,
      `110.25 ${now}.5`,
      `1.2e3 ${now}`,
      `.5 ${now}`,
      `5. ${now}`,
      `-1_000 ${now}`,
      `7 ${now}\r`,
      `8 -1`,
      `nan ${now}`,
      `true ${now}`,
      `"110" ${now}`,
      `{"a":1} ${now}`,
      `1__0 ${now}`,
      `0x10 ${now}`,
      `1 2 ${now}`,
      `110`,
      `1 now`,
      `1 inf`,
      `1 ${now} ${"x".repeat(16_400)}`,
    ].map((rest, index) => line(index, rest));
    for (const each of lines) await write(`${each}\n`);
    await write(`gaming_lines.last.x 1 ${now}\n`);
    const names = async (): Promise<string[]> => await client.find("gaming_lines.*");
    await expect.poll(names, { timeout: VISIBLE_MS }).toContain("last");
    const said = lines
      .filter((each) => lineFault(each) === undefined)
      .map((each) => each.split(".")[1]!);
    await expect
      .poll(async () => (await names()).filter((name) => name !== "last"), { timeout: VISIBLE_MS })
      .toEqual(said.toSorted());
  });
});
