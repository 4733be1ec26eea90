/** Looking into a running dataflow over HTTP. */
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type Inspector,
  type RunningDataflow,
  runDataflow,
  startInspector,
} from "../../src/node/index.ts";
import { walk } from "./relay-steps.ts";
import { Stage } from "./stage.ts";

const RELAY = fileURLToPath(new URL("relay", import.meta.url));

let stage: Stage;
let dataflow: RunningDataflow;
let inspector: Inspector;

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: inspector.port, path, headers, method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.on("error", reject).end();
  });
}

async function getJson<T>(path: string): Promise<T> {
  const { status, text } = await get(path);
  expect(status, text).toBe(200);
  return JSON.parse(text) as T;
}

beforeAll(async () => {
  stage = await Stage.open();
  dataflow = await runDataflow({
    dir: RELAY,
    endpoint: stage.endpoint,
    checkpointDir: join(stage.dir, "checkpoints"),
    log: () => {},
  });
  inspector = await startInspector({ dataflows: [dataflow], port: 0 });
  const at_ms = Date.now();
  const steps = ["p1", "p2", "p1"].map((player) => ({ player, at_ms }));
  await walk(stage.fluvio, steps, 1);
  await vi.waitFor(() => expect(dataflow.stats().offsets).toMatchObject({ steps: { 0: 3 } }));
});

afterAll(async () => {
  await inspector.close();
  await dataflow.close();
  await stage.close();
});

describe("a running dataflow shows", () => {
  test("where to look", async () => {
    expect(await getJson("/")).toMatchObject({
      dataflows: [
        {
          name: "relay",
          links: expect.arrayContaining(["/dataflows/relay/graph"]) as unknown,
        },
      ],
    });
  });

  test("its counters", async () => {
    const stats = await getJson<{ name: string }>("/dataflows/relay");
    expect(stats).toMatchObject({ name: "relay", dropped: 0 });
    const { text, headers } = await get("/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    expect(text).toContain('sdf_next_offset{dataflow="relay",topic="steps",partition="0"} 3\n');
    expect(text).toMatch(
      /sdf_operator_records_total\{.*operator="number_step".*result="succeeded"\} 3\n/,
    );
  });

  test("its picture with live counts", async () => {
    const graph = await getJson<{ edges: unknown[]; nodes: unknown[] }>("/dataflows/relay/graph");
    expect(graph.edges).toContainEqual({
      from: "topic:steps",
      to: "service:number",
      records: 3,
      rate: expect.any(Number) as unknown,
    });
    const { dataflows } = await getJson<{ dataflows: (typeof graph)[] }>("/graphs");
    expect(dataflows).toMatchObject([{ dataflow: "relay", dropped: 0 }]);
    expect(dataflows[0]?.nodes).toHaveLength(graph.nodes.length);
    expect(graph.nodes).toContainEqual(
      expect.objectContaining({
        id: "service:number",
        in: 3,
        failed: 0,
        operators: expect.arrayContaining([
          expect.objectContaining({ kind: "source", service: "number", in: 3, out: 3 }),
        ]) as unknown,
        states: expect.arrayContaining(["walked"]) as unknown,
      }),
    );
    const { text } = await get("/dataflows/relay/graph.mmd");
    expect(text).toMatch(/^flowchart LR\n {2}n0\[\("steps"\)\]\n/);
    expect(text).toMatch(/\["number<br\/>\d+ rows"\]/);
    expect(text).toMatch(/ {2}n0 -->\|3\| n\d\n/);
  });

  test("its states", async () => {
    const { states } = await getJson<{ states: unknown[] }>("/dataflows/relay/states");
    expect(states).toContainEqual(
      expect.objectContaining({ service: "number", name: "walked", key: "string" }),
    );
    const path = "/dataflows/relay/states/number/walked";
    const { groups } = await getJson<{
      groups: { columns: string[]; rows: unknown[][]; count: number }[];
    }>(`${path}?limit=1`);
    expect(groups).toMatchObject([
      { group: 0, count: 2, rows: [expect.arrayContaining(["p1", 2])] },
    ]);
    expect(groups[0]?.columns).toEqual(expect.arrayContaining(["_key", "count", "_updated_at"]));
  });

  test("what SQL finds in them", async () => {
    const q = encodeURIComponent("select count(*) n from walked");
    const path = `/dataflows/relay/sql?service=number&q=${q}`;
    expect(await getJson(path)).toEqual({
      groups: [{ group: 0, columns: ["n"], rows: [[2]], count: 1 }],
    });
  });
});

describe("what is asked in vain is answered with what would do", () => {
  const flow = "/dataflows/relay";
  test.each([
    ["/dataflows/nobody", 404, /Dataflows that run: relay/],
    [`${flow}/states/number/nothing`, 404, /there are number\/walked, tally\/tallied/],
    [`${flow}/nothing`, 404, /has graph/],
    [`${flow}/sql?q=select+1`, 400, /service=: number, tally/],
    [`${flow}/sql?service=number`, 400, /goes in q=/],
    [`${flow}/sql?service=number&q=drop+table+x`, 400, /select/i],
    [`${flow}/states/number/walked?limit=all`, 400, /at most 10000/],
    ["/%zz", 400, /not well encoded/],
  ])("%s", async (path, status, detail) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect((JSON.parse(answer.text) as { detail: string }).detail).toMatch(detail);
  });

  test("with another method than GET", async () => {
    expect((await get("/metrics", {}, "POST")).status).toBe(405);
  });

  test("on a port that is taken", async () => {
    await expect(startInspector({ dataflows: [], port: inspector.port })).rejects.toMatchObject({
      code: "port_in_use",
    });
  });
});

describe("only this machine", () => {
  test("may ask, under its own name", async () => {
    expect((await get("/metrics", { host: "evil.example" })).status).toBe(403);
    expect((await get("/metrics", { host: `localhost:${inspector.port}` })).status).toBe(200);
  });

  test("has pages that may read the answer", async () => {
    const local = await get("/metrics", { origin: "http://127.0.0.1:8787" });
    expect(local.headers["access-control-allow-origin"]).toBe("http://127.0.0.1:8787");
    const other = await get("/metrics", { origin: "http://127.0.0.1.evil.example" });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
  });
});
