/** Simulated game clients against the real API, on good days and on bad ones. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PostReport } from "../../src/generate/post-report.ts";
import { PROJECT } from "../../src/stack/layout.ts";
import { arenaflow } from "./command.ts";
import { startFlakyApi } from "./flaky-api.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

/** Each run is a process, and waits for answers that the disk has seen. */
const RUN_MS_MAX = 120_000;
const GAME = ["--duration", "25", "--speed", "10", "--json"];

async function post(url: string, ...args: string[]) {
  const { code, out, err } = await arenaflow("generate", "--post", url, ...GAME, ...args);
  const report = out === "" ? undefined : (JSON.parse(out) as { post: PostReport }).post;
  return { code, err, report: report! };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

interface Status {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
}

describe("against the ingest API", { timeout: RUN_MS_MAX }, () => {
  let ingest: RunningWorker;
  beforeAll(async () => {
    ingest = await startWorker({ name: "ingest", configPath: PROJECT.ingestConfig });
  });
  afterAll(() => ingest.close());

  async function status(): Promise<Status> {
    const headers = { authorization: "Bearer dev" };
    return (await (await fetch(`${ingest.url}/v1/status`, { headers })).json()) as Status;
  }

  test("every event is accepted once, a duplicate, or rejected for its reason", async () => {
    const before = await status();
    const { code, err, report } = await post(ingest.url, "--scenario", "fraud-heavy");
    expect({ code, err }).toMatchObject({ code: 0 });
    const { sent, answered, conservation } = report;
    expect(conservation).toEqual({ holds: true, problems: [] });
    expect(answered.accepted).toBe(sent.events);
    expect(answered.duplicates).toBe(sent.repeated);
    expect(answered.rejected).toBe(sent.broken);
    expect(sum(sent.events_by_topic)).toBe(sent.events);
    expect(sent.events).toBeGreaterThan(2000);
    for (const count of [sent.repeated, sent.offline, sent.wrong_clock]) {
      expect(count / sent.events).toBeGreaterThan(0.01);
    }
    const codes = ["missing_field", "wrong_type", "invalid_value", "too_long", "invalid_json"];
    for (const each of codes) expect(answered.rejected_by_code[each]).toBeGreaterThan(0);
    expect(report.latency_ms.p50).toBeGreaterThan(0);
    expect(report.latency_ms.p99).toBeGreaterThanOrEqual(report.latency_ms.p50);

    const after = await status();
    expect(after.accepted - before.accepted).toBe(answered.accepted);
    expect(after.duplicates - before.duplicates).toBe(answered.duplicates);
    expect(after.rejected - before.rejected).toBe(answered.rejected);
  });

  test("the same seed and start send the same, which the API then knows", async () => {
    const game = ["--seed", "3", "--start", new Date().toISOString()];
    const first = await post(ingest.url, ...game);
    const again = await post(ingest.url, ...game, "--connections", "3");
    expect(first.code).toBe(0);
    expect(again.report.sent).toEqual(first.report.sent);
    expect(again.report.answered).toMatchObject({
      accepted: 0,
      duplicates: first.report.sent.events + first.report.sent.repeated,
      rejected_by_code: first.report.answered.rejected_by_code,
    });
  });

  test("nothing is lost when the API is busy, limits, or its answers get lost", async () => {
    const before = await status();
    const flaky = await startFlakyApi(ingest.url);
    const { code, report } = await post(flaky.url, "--scenario", "quiet", "--duration", "15");
    await flaky.close();
    expect(report.conservation).toEqual({ holds: true, problems: [] });
    expect(code).toBe(0);
    expect(Math.min(...Object.values(flaky.done))).toBeGreaterThan(5);
    expect(report.answered.by_status).toMatchObject({
      "503": flaky.done.busy,
      "429": flaky.done.limited,
    });
    expect(report.without_answer).toBe(flaky.done.lost);
    expect(report.retried).toBe(flaky.done.busy + flaky.done.limited + flaky.done.lost);
    // What was taken in a request whose answer was lost is a duplicate in the next.
    expect((await status()).accepted - before.accepted).toBe(report.sent.events);
    expect(report.answered.accepted).toBeLessThan(report.sent.events);
  });

  test("a key that the API does not know ends the run", async () => {
    const { code, err } = await post(ingest.url, "--key", "wrong");
    expect(code).toBe(1);
    expect(err).toContain("the API answers 401");
    expect(err).toContain("--key");
  });

  test("people get a table", async () => {
    const game = ["--scenario", "quiet", "--duration", "20", "--speed", "20"];
    const { code, out } = await arenaflow("generate", "--post", `${ingest.url}/v1/events`, ...game);
    expect(code).toBe(0);
    expect(out).toMatch(/events +([\d,]+) +accepted +\1\n/);
    expect(out).toContain("Latency: p50 ");
    expect(out).toContain("Conservation holds");
  });
});

describe("against an API that is not to be trusted", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function serve(answer: (events: number) => object): Promise<string> {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const events = body.split('"event_id"').length - 1;
        response.writeHead(202).end(JSON.stringify(answer(events)));
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("an event that it does not account for is found", async () => {
    const url = await serve((events) => ({ accepted: events - 1, duplicates: 0, rejected: [] }));
    const { code, report } = await post(url, "--scenario", "quiet");
    expect(code).toBe(1);
    expect(report.conservation.holds).toBe(false);
    expect(report.conservation.problems.join()).toContain("accepted + duplicates is");
  });

  test("new events that it calls duplicates are found", async () => {
    const url = await serve((events) => ({ accepted: 0, duplicates: events, rejected: [] }));
    const { code, report } = await post(url, "--scenario", "quiet");
    expect(code).toBe(1);
    expect(report.conservation.problems.join()).toMatch(/only 0 of \d+ different events/);
  });

  test("nobody there is said at once", async () => {
    const { code, err } = await post("http://127.0.0.1:1");
    expect(code).toBe(1);
    expect(err).toContain("nobody answers at http://127.0.0.1:1");
  });
});
