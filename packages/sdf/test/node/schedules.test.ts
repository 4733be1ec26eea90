/** A dataflow that runs by the clock, with a clock of the test's. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildText } from "../../src/compile/index.ts";
import { runDataflow } from "../../src/node/index.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "../compile/toolchain.ts";
import { type Received, Stage } from "./stage.ts";

const YAML = `apiVersion: 0.6.0
meta: { name: reports, version: 0.1.0, namespace: test }
config: { converter: json }
topics:
  times: { schema: { value: { type: report } } }
types:
  report: { type: object, properties: { at: { type: i64 } } }
schedule:
  daily-report: { cron: "0 8 * * *" }
services:
  report:
    sources: [{ type: schedule, id: daily-report }]
    transforms:
      - operator: map
        run: "fn report(at: i64) -> Result<Report> { Ok(Report { at }) }"
    sinks: [{ type: topic, id: times }]
`;
const at = (text: string) => Date.parse(`${text}Z`);

let stage: Stage;
let nowMs: number;

beforeEach(async () => {
  stage = await Stage.open();
});

afterEach(() => stage.close());

async function run() {
  return runDataflow({
    dir: join(stage.dir, "reports"),
    endpoint: stage.endpoint,
    checkpointDir: join(stage.dir, "checkpoints"),
    now: () => nowMs,
    log: () => {},
  });
}

const timesOf = (received: readonly Received[]) => received.map(({ value: { at: ms } }) => ms);

test.skipIf(!haveRustc)(
  "a service gets a record when it is time, and what came due meanwhile at the next start, once",
  async () => {
    const built = await buildText(YAML, { release: false });
    if ("problems" in built) throw new Error(JSON.stringify(built.problems));
    await mkdir(join(stage.dir, "reports"));
    await writeFile(join(stage.dir, "reports", "dataflow.yaml"), YAML);
    await writeFile(join(stage.dir, "reports", "dataflow.wasm"), built.wasm);
    const received = await stage.collect("times");
    // Nothing is made up for the time before the first start.
    nowMs = at("2024-11-12T12:00");
    const first = await run();
    nowMs = at("2024-11-13T08:00:01");
    const expected = [at("2024-11-13T08:00")];
    await vi.waitFor(() => expect(timesOf(received)).toEqual(expected), 10_000);
    await first.close();
    // Started again on the same day: it has run already.
    nowMs = at("2024-11-13T09:00");
    const second = await run();
    await second.close();
    // Two days without: the last one is made up for.
    nowMs = at("2024-11-15T09:00");
    const third = await run();
    expected.push(at("2024-11-15T08:00"));
    await vi.waitFor(() => expect(timesOf(received)).toEqual(expected), 10_000);
    nowMs = at("2024-11-16T08:00");
    expected.push(at("2024-11-16T08:00"));
    await vi.waitFor(() => expect(timesOf(received)).toEqual(expected), 10_000);
    await third.close();
  },
  BUILD_TIMEOUT_MS,
);
