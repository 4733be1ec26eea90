import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EVENT_TOPICS, FEED_ACKS_TOPIC, INSIGHT_TOPICS } from "@arenaflow/events";
import { describe, expect, test } from "vitest";
import { parseConnector, type ConnectorConfig } from "../../src/connectors/config.ts";
import { loadConnectors } from "../../src/connectors/load.ts";
import { PROJECT } from "../../src/stack/layout.ts";

const SECRETS: Readonly<Record<string, string>> = { TOKEN: "t0ken", URL: "http://127.0.0.1:1" };
const secrets = (name: string): string | undefined => SECRETS[name];

function good(text: string): { config: ConnectorConfig; warnings: readonly string[] } {
  const result = parseConnector(text, secrets);
  if ("problems" in result) throw new Error(result.problems.join("\n"));
  return result;
}

function problems(text: string): readonly string[] {
  const result = parseConnector(text, secrets);
  return "problems" in result ? result.problems : [];
}

const SOURCE = `
apiVersion: 0.1.0
meta: { name: s, type: http-source, version: 0.5.0, topic: t }
http: { endpoint: http://localhost/x }
`;
const SINK = `
apiVersion: 0.1.0
meta:
  name: k
  type: http-sink
  version: 0.3.0
  topic: t
http: { endpoint: http://localhost/x }
`;

describe("defaults are those of the real connectors' code", () => {
  test("http-source", () => {
    expect(good(SOURCE).config).toEqual({
      name: "s",
      topic: { name: "t", partitions: 1 },
      producer: { lingerMs: undefined, batchBytesMax: undefined, compression: undefined },
      consumer: {
        partitions: "all",
        id: undefined,
        commit: "none",
        start: "end",
        flushPeriodMs: 10_000,
      },
      settings: {
        type: "http-source",
        endpoint: "http://localhost/x",
        method: "GET",
        body: undefined,
        headers: [],
        userAgent: "fluvio/http-source 0.5.0",
        intervalMs: 10_000,
        stream: false,
        delimiter: "\n",
        outputParts: "body",
        outputType: "text",
        acceptAnyStatus: false,
        backoffMaxMs: 10_000,
      },
    });
  });

  test("http-sink", () => {
    expect(good(SINK).config.settings).toEqual({
      type: "http-sink",
      endpoint: "http://localhost/x",
      method: "POST",
      headers: [{ name: "Content-Type", value: "text/html" }],
      userAgent: "fluvio/http-sink 0.3.0",
      requestTimeoutMs: 15_000,
      connectTimeoutMs: 1_000,
      backoffMinMs: 1_000,
      backoffMaxMs: 60_000,
      acceptAnyStatus: false,
    });
  });

  test("graphite-sink", () => {
    const text = `
meta: { name: g, type: graphite-sink, version: 0.2.0, topic: t }
graphite: { metric-path: "", addr: "localhost:2003" }
`;
    expect(good(text).config.settings).toEqual({
      type: "graphite-sink",
      metricPath: "",
      host: "localhost",
      port: 2003,
      resendMs: 60_000,
      reportPath: undefined,
    });
  });

  test("the project's graphite-sink has only keys that the real one reads or ignores", () => {
    const file = new URL("../../../../connectors/graphite-sink.yaml", import.meta.url);
    const result = parseConnector(readFileSync(file, "utf8"), () => "127.0.0.1:2003");
    expect(result).toMatchObject({ warnings: [] });
    expect("config" in result && result.config).toMatchObject({
      name: "graphite-sink",
      topic: { name: "graphite-lines" },
      consumer: { id: "graphite-sink", commit: "auto", start: "beginning" },
      settings: { metricPath: "gaming.connector.heartbeat", host: "127.0.0.1", port: 2003 },
    });
  });
});

test("everything a file can say is read", () => {
  const text = `
apiVersion: 0.2.0
meta:
  name: all
  type: http-sink
  version: latest
  topic: { version: 0.1.0, meta: { name: t }, partition: { count: 3 } }
  producer: { linger: 1ms, batch-size: "44.0 MB", compression: gzip }
  consumer:
    partition: [0, 1]
    max-bytes: "1 MB"
    id: me
    offset: { strategy: auto, start: { from-end: 5 }, flush-period: { secs: 2, nanos: 0 } }
  secrets: [{ name: TOKEN }]
http:
  endpoint: "http://localhost/\${{ secrets.TOKEN }}"
  headers: ["A:  b:c ", "no colon", "Authorization: Bearer \${{secrets.TOKEN}}"]
`;
  const { config, warnings } = good(text);
  expect(warnings).toEqual([]);
  expect(config.topic).toEqual({ name: "t", partitions: 3 });
  expect(config.producer).toEqual({ lingerMs: 1, batchBytesMax: 44e6, compression: "gzip" });
  expect(config.consumer).toEqual({
    partitions: [0, 1],
    id: "me",
    commit: "auto",
    start: { fromEnd: 5 },
    flushPeriodMs: 2_000,
  });
  expect(config.settings).toMatchObject({
    endpoint: "http://localhost/t0ken",
    headers: [
      { name: "A", value: "b:c" },
      { name: "Authorization", value: "Bearer t0ken" },
    ],
  });
});

test("the value of a source's header is not trimmed", () => {
  const text = SOURCE.replace("/x }", '/x, headers: ["A: b"] }');
  expect(good(text).config.settings).toMatchObject({ headers: [{ name: "A", value: " b" }] });
});

test("a secret can be written as a mapping", () => {
  const text = SOURCE.replace("http://localhost/x", "{ secret: { name: URL } }");
  expect(good(text).config.settings).toMatchObject({ endpoint: "http://127.0.0.1:1" });
});

describe("keys that are not read are ignored, with a warning", () => {
  test.each([
    [SOURCE.replace("/x }", "/x, user-agent: me }"), "http.user-agent", "user_agent"],
    [SOURCE.replace("topic: t", "topic: t, create-topic: true"), "meta.create-topic", "created"],
    [SINK.replace("/x }", "/x, interval: 1s }"), "http.interval", "as it comes"],
    [`${SINK}consumer: { id: x }`, "consumer", "under meta"],
    [
      SINK.replace(
        "topic: t",
        "topic: t\n  consumer: { id: a, offset: { strategy: auto, flush: 1s } }",
      ),
      "meta.consumer.offset.flush",
      "flush-period",
    ],
  ])("%#: %s", (text, key, hint) => {
    const { warnings } = good(text);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${key} is not a key`);
    expect(warnings[0]).toContain(hint);
  });
});

describe("what is wrong is named", () => {
  test.each([
    ["a wrong apiVersion", SOURCE.replace("0.1.0", "0.3.0"), "apiVersion should be one of"],
    ["no meta", "apiVersion: 0.1.0\nhttp: { endpoint: http://x/ }", "meta is missing"],
    ["no name", SOURCE.replace("name: s, ", ""), "meta.name is missing"],
    ["no version", SOURCE.replace("version: 0.5.0, ", ""), "meta.version is missing"],
    ["an unknown type", SOURCE.replace("http-source", "sql-source"), "meta.type should be one of"],
    ["no endpoint", SOURCE.replace("endpoint: http://localhost/x", ""), "http.endpoint is missing"],
    ["an endpoint that is no URL", SOURCE.replace("http://localhost/x", "x/y"), "an absolute URL"],
    ["a WebSocket", SOURCE.replace("http:/", "ws:/"), "is a WebSocket"],
    ["a wrong method", SOURCE.replace("/x }", "/x, method: GE T }"), "an HTTP method"],
    [
      "an empty delimiter",
      SOURCE.replace("/x }", '/x, delimiter: "" }'),
      "http.delimiter is empty",
    ],
    ["a wrong interval", SOURCE.replace("/x }", "/x, interval: soon }"), "a duration such as 10s"],
    ["a string topic in 0.2.0", SOURCE.replace("0.1.0", "0.2.0"), "does not take a plain name"],
    [
      "an object topic in 0.1.0",
      SOURCE.replace("topic: t", "topic: { meta: { name: t } }"),
      "has no topic settings",
    ],
    [
      "a strategy without an id",
      SINK.replace("topic: t", "topic: t\n  consumer: { offset: { strategy: auto } }"),
      "needs consumer.id",
    ],
    [
      "an offset without a strategy",
      SINK.replace("topic: t", "topic: t\n  consumer: { offset: { start: end } }"),
      "offset.strategy is missing",
    ],
    ["transforms", `${SOURCE}transforms: [{ uses: x@0.1.0 }]`, "transforms are not run here"],
    ["a secret that is not listed", SOURCE.replace("/x", "/${{ secrets.TOKEN }}"), "not listed"],
    [
      "a listed secret without a value",
      SOURCE.replace("topic: t", "topic: t, secrets: [{ name: NOPE }]"),
      "the secret NOPE has no value",
    ],
    [
      "a secret's name that is none",
      SOURCE.replace("topic: t", "topic: t, secrets: [{ name: 1a }]"),
      "meta.secrets should be",
    ],
    ["another template", SOURCE.replace("/x", "/${{ env.X }}"), "is not understood"],
    ["broken YAML", "meta: [", "is not YAML"],
  ])("%s", (_, text, expected) => {
    expect(problems(text).join("\n")).toContain(expected);
  });

  test("all problems of a file at once", () => {
    const text = "apiVersion: 9\nmeta: { type: http-sink, version: 1, topic: t }\nhttp: {}";
    expect(problems(text)).toHaveLength(3);
  });
});

test("without an apiVersion secrets are of no use", () => {
  const text = `
meta: { name: s, type: http-source, version: 1, topic: t, secrets: [{ name: TOKEN }] }
http: { endpoint: "http://x/\${{ secrets.TOKEN }}" }
`;
  expect(problems(text).join()).toContain("not listed");
});

test("comments of the template language disappear", () => {
  expect(good(`\${# a comment #}${SOURCE}`).config.name).toBe("s");
});

describe("the project's connectors", () => {
  const env: Readonly<Record<string, string>> = {
    INGEST_URL: "http://127.0.0.1:8787",
    GENERATOR_URL: "http://127.0.0.1:8788",
    FEED_KEY: "dev",
    SINK_KEY: "dev",
    GRAPHITE_ADDRESS: "127.0.0.1:2003",
  };
  const files = loadConnectors([PROJECT.connectorsDir], (name) => env[name]);

  test("are right, and have their files' names", () => {
    expect(files.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect(files.map(({ path, config }) => [path, config.name])).toEqual(
      readdirSync(PROJECT.connectorsDir)
        .filter((name) => name.endsWith(".yaml"))
        .toSorted()
        .map((name) => [join(PROJECT.connectorsDir, name), name.replace(".yaml", "")]),
    );
  });

  test("feed every event topic, and carry every insight and acknowledgement back", () => {
    const made = files.map(({ config }) => [config.name, config.topic.name]);
    const wanted = [
      ...EVENT_TOPICS.flatMap((topic) => [
        [`ingest-${topic}`, topic],
        [`generator-${topic}`, topic],
      ]),
      ...INSIGHT_TOPICS.map((topic) => [`live-${topic}`, topic]),
      ["acks-feed", FEED_ACKS_TOPIC],
    ];
    expect(made).toEqual(expect.arrayContaining(wanted));
  });
});
