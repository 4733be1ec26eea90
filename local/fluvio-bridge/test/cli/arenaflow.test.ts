/** The command line as a person meets it: started as a process. */
import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFluvioServer, type FluvioServer } from "@arenaflow/fluvio/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const BIN = join(import.meta.dirname, "../../bin/arenaflow.mjs");
const dir = mkdtempSync(join(tmpdir(), "arenaflow-"));

function arenaflow(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

describe("help", () => {
  test("lists the commands", async () => {
    const { code, out } = await arenaflow();
    expect(code).toBe(0);
    for (const name of [
      "start",
      "connectors",
      "sdf",
      "topics",
      "produce",
      "consume",
      "generate",
      "doctor",
    ]) {
      expect(out).toContain(`  ${name} `);
    }
  });

  test.each(["start", "connectors", "sdf", "topics", "produce", "consume", "generate", "doctor"])(
    "of %s",
    async (name) => {
      const { code, out } = await arenaflow(name, "--help");
      expect(code).toBe(0);
      expect(out).toContain(`Usage: arenaflow ${name}`);
    },
  );
});

describe("what is not understood is explained", () => {
  test.each([
    [["strat"], "there is no command strat"],
    [["start", "--prot", "1"], "Unknown option '--prot'. Options: --fresh --port"],
    [["start", "now"], "start takes only options"],
    [["start", "--port", "http"], "--port should be a port"],
    [["start", "--graphite", "localhost"], "--graphite should be host:port"],
    [["start", "--graphite", "h:2003", "--with-graphite"], "exclude each other"],
    [["start", "--graphite-port", "8789"], "--graphite-port belongs to --with-graphite"],
    [["connectors"], "expected run or check, got nothing"],
    [["connectors", "run"], "no connector file given"],
    [["topics", "create"], "create needs a topic's name"],
    [["consume"], "which topic?"],
    [["generate"], "either --direct or --post URL says where"],
    [["generate", "--direct", "--post", "http://a"], "either --direct or --post"],
    [["generate", "--direct", "--scenario", "doom"], "one of default, quiet"],
    [["generate", "--direct", "--scenario", "no/such.json"], "no such file"],
    [["generate", "--direct", "--duration", "soon"], "--duration should be a time such as"],
    [["generate", "--direct", "--rate", "0"], "--rate should be from"],
    [["generate", "--direct", "--start", "noon"], "--start should be a time"],
    [["generate", "--direct", "--client", "kafka"], "--client should be auto, native or own"],
    [["generate", "--post", "here"], "--post should be the API's address"],
  ])("%j", async (args, expected) => {
    const { code, err } = await arenaflow(...args);
    expect(code).toBe(2);
    expect(err).toContain(expected);
  });
});

test("connectors check names the file and what is wrong", async () => {
  const path = join(dir, "bad.yaml");
  writeFileSync(path, "meta: { name: x, type: http-source, version: 1, topic: t }\nhttp: {}\n");
  const { code, err } = await arenaflow("connectors", "check", path);
  expect(code).toBe(1);
  expect(err).toContain(`${path}: http.endpoint is missing`);
});

describe("topics, produce, consume", () => {
  let server: FluvioServer;
  let endpoint: string[];
  beforeAll(async () => {
    server = await startFluvioServer({ dataDir: join(dir, "fluvio"), port: 0 });
    endpoint = ["--endpoint", `127.0.0.1:${server.port}`];
  });
  afterAll(() => server.close());

  test("what is sent can be read", async () => {
    const file = join(dir, "lines.txt");
    writeFileSync(file, "a=1\nb=2\n");
    expect((await arenaflow("topics", "create", "t", "--partitions", "1", ...endpoint)).code).toBe(
      0,
    );
    const sent = await arenaflow(
      "produce",
      "t",
      "--file",
      file,
      "--key-separator",
      "=",
      ...endpoint,
    );
    expect(sent).toMatchObject({ code: 0, err: "2 records sent to t\n" });
    const read = await arenaflow("consume", "t", "-B", "-d", "-k", ...endpoint);
    expect(read).toMatchObject({ code: 0, out: "[a] 1\n[b] 2\n" });
    const listed = await arenaflow("topics", ...endpoint);
    expect(listed.out).toMatch(/t +1 +2 +default +any\n/);
  });

  test("partitions, positions, consumers and formats, as with Fluvio's own command line", async () => {
    const file = join(dir, "numbers.txt");
    writeFileSync(file, Array.from({ length: 5 }, (_, i) => `{"n":${i}}`).join("\n"));
    const created = await arenaflow(
      "topics",
      "create",
      "p",
      "-p",
      "2",
      "--retention-time",
      "2h",
      ...endpoint,
    );
    expect(created.code).toBe(0);
    for (const partition of ["0", "1"]) {
      const sent = await arenaflow(
        "produce",
        "p",
        "-f",
        file,
        "--key",
        "k",
        "-p",
        partition,
        "--compression",
        "gzip",
        ...endpoint,
      );
      expect(sent).toMatchObject({ code: 0 });
    }
    const one = await arenaflow(
      "consume",
      "p",
      "-d",
      "-p",
      "1",
      "--start",
      "3",
      "-O",
      "json",
      ...endpoint,
    );
    expect(
      one.out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { partition: 1, offset: 3, key: "k", value: { n: 3 } },
      { partition: 1, offset: 4, key: "k", value: { n: 4 } },
    ]);
    const tail = await arenaflow(
      "consume",
      "p",
      "-d",
      "-p",
      "0",
      "-T",
      "1",
      "-F",
      "{{partition}}/{{offset}} {{value}}",
      ...endpoint,
    );
    expect(tail.out).toBe('0/4 {"n":4}\n');
    const named = ["consume", "p", "-B", "-d", "-p", "0", "-c", "reader", ...endpoint] as const;
    expect((await arenaflow(...named, "-n", "2")).out).toBe('{"n":0}\n{"n":1}\n');
    expect((await arenaflow(...named)).out).toBe('{"n":2}\n{"n":3}\n{"n":4}\n');
    expect(
      (await arenaflow("topics", "add-partition", "p", "--count", "1", ...endpoint)).code,
    ).toBe(0);
    const described = await arenaflow("topics", "describe", "p", "-O", "json", ...endpoint);
    expect(JSON.parse(described.out)).toMatchObject([
      { name: "p", partitions: 3, records: 10, retention_seconds: 7200 },
    ]);
  });

  test("a topic that is there already, and a server that is not", async () => {
    const again = await arenaflow("topics", "create", "t", ...endpoint);
    expect(again.code).toBe(1);
    expect(again.err).toContain("arenaflow topics: ");
    const nobody = await arenaflow("topics", "--endpoint", "127.0.0.1:1");
    expect(nobody.code).toBe(1);
    expect(nobody.err).toContain("127.0.0.1:1");
  });
});
