/**
 * What was acknowledged is there after SIGKILL, and a full disk is survived. Both need a process to
 * kill or to limit. `FLUVIO_KILLS=25` is the long form.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { Fluvio, FluvioError } from "../../src/client/index.ts";
import { runServer, SERVER, startServer } from "../support/running-server.ts";
import { take, temporaryDir, textOf } from "../support/stack.ts";

const KILLS = Number(process.env["FLUVIO_KILLS"] ?? 2);
/** A server that lives for a moment may fall before it has acknowledged anything, several times over. */
const DELIVERY_MS_MAX = 20_000 + KILLS * 3000;
/** Enough to fill the requests under way, far too few to wait for long. */
const UNACKNOWLEDGED_MAX = 3000;

test(
  `every acknowledged record is there once and in order after ${KILLS} kills`,
  { timeout: DELIVERY_MS_MAX },
  async () => {
    const dataDir = await temporaryDir();
    let running = await startServer(dataDir);
    const { port } = running;
    const fluvio = await Fluvio.connect({ endpoint: `127.0.0.1:${port}` });
    onTestFinished(() => fluvio.close());
    await fluvio.admin.createTopic("t", { segmentBytes: 50_000 });
    const producer = await fluvio.producer("t", {
      batchBytesMax: 2000,
      deliveryTimeoutMs: DELIVERY_MS_MAX,
    });
    const acknowledged = new Map<number, number>();
    let sent = 0;
    const stop = new AbortController();
    const load = (async () => {
      const sends: Promise<unknown>[] = [];
      while (!stop.signal.aborted) {
        for (let index = 0; index < 20; index += 1) {
          const number = sent;
          sent += 1;
          const value = `${number}`.padEnd(300, "x");
          sends.push(
            producer.send({ value }).then(({ offset }) => acknowledged.set(number, offset)),
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
        while (sent - acknowledged.size > UNACKNOWLEDGED_MAX) await sends[acknowledged.size];
      }
      await Promise.all(sends);
    })();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 200));
      running.child.kill("SIGKILL");
      await once(running.child, "exit");
      running = await startServer(dataDir, port);
    }
    stop.abort();
    await load;
    expect(acknowledged.size).toBe(sent);
    const [range] = await fluvio.offsets("t");
    expect(range!.end).toBe(sent);
    const records = await take(await fluvio.consumer("t", { start: "beginning" }), sent);
    const numbers = records.map((record) => Number.parseInt(textOf(record.value) ?? "", 10));
    expect(numbers).toEqual(Array.from({ length: sent }, (_, index) => index));
    for (const [number, offset] of acknowledged) expect(numbers[offset]).toBe(number);
  },
);

const canLimitFiles =
  process.platform === "linux" && spawnSync("prlimit", ["--version"]).status === 0;

describe.skipIf(!canLimitFiles)("a full disk (needs prlimit)", () => {
  test("refuses produces with StorageError, serves reads, and recovers", async () => {
    const dataDir = await temporaryDir();
    const limit = `ulimit -S -f 64; exec "$0" "$@"`;
    const { child, port } = await runServer("bash", [
      "-c",
      limit,
      process.execPath,
      SERVER,
      dataDir,
    ]);
    const fluvio = await Fluvio.connect({ endpoint: `127.0.0.1:${port}` });
    onTestFinished(() => fluvio.close());
    await fluvio.admin.createTopic("t");
    const impatient = await fluvio.producer("t", { deliveryTimeoutMs: 200 });
    let accepted = 0;
    const fill = async (): Promise<void> => {
      for (; accepted < 1000; accepted += 1) {
        await impatient.send({ value: `${accepted}`.padEnd(1000, "x") });
      }
    };
    const refusal: unknown = await fill().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FluvioError);
    expect(refusal).toMatchObject({ code: "StorageError" });
    expect(accepted).toBeGreaterThan(10);
    expect((await fluvio.offsets("t"))[0]!.end).toBe(accepted);
    const consumer = await fluvio.consumer("t", { start: "beginning" });
    expect(await take(consumer, accepted)).toHaveLength(accepted);

    const patient = await fluvio.producer("t");
    const waiting = patient.send({ value: "after".padEnd(1000, "x") });
    await new Promise((resolve) => setTimeout(resolve, 100));
    spawnSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited"]);
    expect(await waiting).toEqual({ partition: 0, offset: accepted });
    expect(textOf((await take(consumer, 1))[0]!.value)?.startsWith("after")).toBe(true);
  });
});
