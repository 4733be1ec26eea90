/**
 * Runs a dataflow's `dataflow.test.yaml`: records in with times, records out expected. Needs no
 * server and no waiting: processing time is what the test says.
 *
 *     tests:
 *       - name: one player on one level
 *         in:
 *           - { topic: player-events, at: 2024-11-12T10:00:00Z, value: { … } }   # at: written to the topic
 *           - { topic: player-events, repeat: 9, value: { player_id: "p{n}", … } }             # {n}: 1 to 9
 *           - { wait: 3s }                                                       # nothing comes for 3 s
 *         out:
 *           level-activity: [ … ]        # exactly these values, in this order; other topics are not looked at
 *         finish: false                  # default true: at the end every open window closes
 *         late: 1                        # records too late for their window, all services together
 *         dropped: [no rate for]         # texts, one in the reason of each record dropped, in order
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { DataflowEngine, type OutputRecord, type Rejection } from "../engine/index.ts";
import { describeDifference } from "./difference.ts";
import { loadDataflow } from "./load-dataflow.ts";
import type { Log } from "./log.ts";
import { RunnerError } from "./runner-error.ts";
import { type DataflowTest, parseDataflowTests, type TestRecord } from "./test-document.ts";

/** While a test waits, time passes in steps as it does under the runner. */
const TICK_MS = 100;

export interface DataflowTestResult {
  readonly name: string;
  readonly passed: boolean;
  /** What differs, for a person; empty when the test passed. */
  readonly report: string;
}

/**
 * Runs all tests of the dataflow in `dir`.
 * @throws RunnerError `no_dataflow` or `invalid_test` when there is nothing to run
 */
export async function runDataflowTests(dir: string, log: Log): Promise<DataflowTestResult[]> {
  const { module } = await loadDataflow(dir, log);
  const file = join(dir, "dataflow.test.yaml");
  const tests = parseDataflowTests(parse(await readFile(file, "utf8")), file);
  return tests.map((test) => runTest(new DataflowEngine(module), test));
}

function runTest(engine: DataflowEngine, test: DataflowTest): DataflowTestResult {
  const outputs: OutputRecord[] = [];
  const rejections: Rejection[] = [];
  const nextOffset = new Map<string, number>();
  let nowMs = 0;
  for (const step of test.in) {
    if ("waitMs" in step) {
      for (let waited = 0; waited < step.waitMs; waited += TICK_MS) {
        nowMs += TICK_MS;
        engine.tick(nowMs);
        outputs.push(...drainAndReturn(engine, { nowMs, nextOffset }));
      }
    } else {
      nowMs = Math.max(nowMs, step.atMs ?? 0);
      processRecord(engine, step, { nowMs, nextOffset });
    }
    outputs.push(...drainAndReturn(engine, { nowMs, nextOffset }));
    rejections.push(...engine.takeRejections());
  }
  const { services } = engine.stats();
  if (test.finish) {
    engine.finish();
    outputs.push(...engine.drain());
    rejections.push(...engine.takeRejections());
  }
  const late = services.reduce((sum, service) => sum + service.late, 0);
  const problems = [
    ...compareOutputs(engine, test, outputs),
    ...compareDropped(test, rejections),
    ...(late === test.late ? [] : [`late records: expected ${test.late}, got ${late}`]),
  ];
  return { name: test.name, passed: problems.length === 0, report: problems.join("\n") };
}

function processRecord(
  engine: DataflowEngine,
  record: TestRecord,
  run: { readonly nowMs: number; readonly nextOffset: Map<string, number> },
): void {
  const { topic, partition } = record;
  const source = engine.plan.sources.findIndex((candidate) => candidate.topic === topic);
  if (source === -1) {
    const known = engine.plan.sources.map((candidate) => candidate.topic).join(", ");
    throw new RunnerError("invalid_test", `The dataflow does not read ${topic}, only ${known}.`);
  }
  const offset = run.nextOffset.get(`${topic}/${partition}`) ?? 0;
  run.nextOffset.set(`${topic}/${partition}`, offset + record.repeat);
  const encoder = new TextEncoder();
  const text = typeof record.value === "string" ? record.value : JSON.stringify(record.value);
  const records = Array.from({ length: record.repeat }, (_, index) => ({
    offset: offset + index,
    timestamp: record.atMs ?? run.nowMs,
    key: record.key === undefined ? null : encoder.encode(record.key),
    value: encoder.encode(text.replaceAll("{n}", String(index + 1))),
  }));
  engine.process({ source, partition, records }, run.nowMs);
}

/** What came out. What went to a topic that the dataflow also reads comes in again, as it does under the runner. */
function drainAndReturn(
  engine: DataflowEngine,
  run: { readonly nowMs: number; readonly nextOffset: Map<string, number> },
): OutputRecord[] {
  const outputs: OutputRecord[] = [];
  for (let drained = engine.drain(); drained.length > 0; drained = engine.drain()) {
    outputs.push(...drained);
    for (const { sink, key, value, timestamp } of drained) {
      const topic = engine.plan.sinks[sink]?.topic;
      const source = engine.plan.sources.findIndex((candidate) => candidate.topic === topic);
      if (source === -1) continue;
      const offset = run.nextOffset.get(`${topic}/0`) ?? 0;
      run.nextOffset.set(`${topic}/0`, offset + 1);
      const records = [{ offset, timestamp, key, value }];
      engine.process({ source, partition: 0, records }, run.nowMs);
    }
  }
  return outputs;
}

function compareOutputs(
  engine: DataflowEngine,
  test: DataflowTest,
  outputs: readonly OutputRecord[],
): string[] {
  const decoder = new TextDecoder();
  const problems: string[] = [];
  for (const [topic, expected] of Object.entries(test.out)) {
    const sink = engine.plan.sinks.findIndex((candidate) => candidate.topic === topic);
    if (sink === -1) {
      const known = engine.plan.sinks.map((candidate) => candidate.topic).join(", ");
      problems.push(`The dataflow does not write ${topic}, only ${known}.`);
    }
    const got = outputs
      .filter((output) => output.sink === sink)
      .map((output) => parseValue(decoder.decode(output.value)));
    const difference = describeDifference(expected, got);
    if (difference !== undefined) problems.push(`${topic}:\n${difference}`);
  }
  return problems;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function compareDropped(test: DataflowTest, rejections: readonly Rejection[]): string[] {
  const matches =
    rejections.length === test.dropped.length &&
    test.dropped.every((text, index) => rejections[index]?.reason.includes(text));
  if (matches) return [];
  const wanted = test.dropped.map((text) => `  - ${text}`);
  const got = rejections.map((rejection) => `  + ${rejection.reason}`);
  return [`dropped records:\n${[...wanted, ...got].join("\n")}`];
}
