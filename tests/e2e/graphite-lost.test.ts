/**
 * What a killed carbon takes with it: points that it has read and not yet written to the disk. That
 * they are really gone is shown by a writer that writes once, as graphite-sink 0.2.0 does; next to it
 * ours brings all of them back.
 */
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCounters } from "../../local/fluvio-bridge/src/connectors/counters.ts";
import { GraphiteSink } from "../../local/fluvio-bridge/src/connectors/graphite-sink.ts";
import type { GraphitePorts } from "../../local/fluvio-bridge/src/stack/graphite/files.ts";
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

const SERIES = 200;
/** Series of two writers in a minute: most are still in memory when carbon is killed. */
const UPDATES_PER_SECOND = 1;
const VISIBLE_MS = 30_000;
const SLOT_S = 10;
const slotS = Math.floor(Date.now() / 10_000) * SLOT_S - 60;

/** One point of every series, as a dataflow writes them. */
function record(root: string, atS: number): string {
  const lines = Array.from({ length: SERIES }, (_, n) => `${root}.servers.s${n}.cpu ${n} ${atS}`);
  return ["1 -1", ...lines, `${root}.connector.last_line 0`].join("\n");
}

describe.skipIf(missing !== undefined && process.env["CI"] !== "true")("a killed carbon", () => {
  const dir = temporaryFolder();
  const stop = new AbortController();
  const counters = newCounters();
  let ports: GraphitePorts;
  let graphite: LocalGraphite;
  let sink: GraphiteSink;
  let once: Socket;

  beforeAll(async () => {
    ports = await freeGraphitePorts();
    graphite = await startLocalGraphite(dir, ports, UPDATES_PER_SECOND);
    graphite.ended.catch(() => undefined);
    sink = new GraphiteSink(
      {
        type: "graphite-sink",
        metricPath: "gaming_kept.connector.heartbeat",
        host: "127.0.0.1",
        port: ports.line,
        resendMs: 60_000,
        reportPath: undefined,
      },
      { signal: stop.signal, counters, log: () => undefined, onHealth: () => undefined },
      Date.now,
    );
  });

  afterAll(async () => {
    stop.abort();
    sink?.close();
    once?.destroy();
    await graphite?.stop();
    removeFolder(dir);
  });

  /** Writes once and has no more to do with it. @returns when carbon has read everything */
  function writeOnce(text: string): Promise<void> {
    return new Promise((resolve) => {
      once = connect({ host: "127.0.0.1", port: ports.line }, () => once.end(text));
      once.on("error", () => undefined);
      once.on("close", () => resolve());
      once.resume();
    });
  }

  const withHeartbeat = (root: string, atS: number): string =>
    `${root}.connector.heartbeat ${record(root, atS)} ${Math.floor(Date.now() / 1000)}\n`;

  /** Series that have a point at a time, in a Graphite that has nothing in memory from before. */
  async function seriesAt(root: string, atS: number): Promise<number> {
    const client = new GraphiteClient(graphite.url);
    const series = await client.render(`${root}.servers.*.cpu`, slotS - 1);
    return series.filter((each) => pointsOf(each).has(atS)).length;
  }

  test("loses what is written once, and nothing of what ours wrote", async () => {
    await sink.deliver(Buffer.from(record("gaming_kept", slotS)), () => undefined);
    await writeOnce(withHeartbeat("gaming_once", slotS));

    process.kill(graphite.pids.carbon, "SIGKILL");
    await graphite.ended.catch(() => undefined);
    await graphite.stop();
    graphite = await startLocalGraphite(dir, ports);
    graphite.ended.catch(() => undefined);

    // Both go on with the next ten seconds, so that all series are there to be asked for.
    const next = slotS + SLOT_S;
    await sink.deliver(Buffer.from(record("gaming_kept", next)), () => undefined);
    await writeOnce(withHeartbeat("gaming_once", next));
    const poll = { timeout: VISIBLE_MS, interval: 500 };
    await expect.poll(() => seriesAt("gaming_kept", next), poll).toBe(SERIES);
    await expect.poll(() => seriesAt("gaming_once", next), poll).toBe(SERIES);

    const [kept, written] = await Promise.all([
      seriesAt("gaming_kept", slotS),
      seriesAt("gaming_once", slotS),
    ]);
    console.log(`after the kill: ${written} of ${SERIES} points written once, ${kept} of ours`);
    expect(written).toBeLessThan(SERIES / 2);
    expect(kept).toBe(SERIES);
  });
});
