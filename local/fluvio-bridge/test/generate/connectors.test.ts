/** The simulated game through the project's own connector files, streaming and polling. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkEvent, EVENT_TOPICS } from "@arenaflow/events";
import { Fluvio } from "@arenaflow/fluvio/client";
import { startFluvioServer, type FluvioServer } from "@arenaflow/fluvio/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConnectors } from "../../src/connectors/load.ts";
import { startConnector } from "../../src/connectors/run-connector.ts";
import { PROJECT } from "../../src/stack/layout.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

const RECORDS_WANTED = 3;

let dir: string;
let server: FluvioServer;
let generator: RunningWorker;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "arenaflow-"));
  server = await startFluvioServer({ dataDir: join(dir, "fluvio"), port: 0 });
  generator = await startWorker({ name: "generator", configPath: PROJECT.generatorConfig });
});
afterAll(async () => {
  await generator.close();
  await server.close();
  rmSync(dir, { recursive: true });
});

test.each([
  ["streaming", (topic: string) => `generator-${topic}.yaml`],
  ["polling", (topic: string) => `polling/generator-${topic}-polled.yaml`],
])("in %s mode every record is one event", { timeout: 60_000 }, async (_, fileOf) => {
  const paths = EVENT_TOPICS.map((topic) => join(PROJECT.connectorsDir, fileOf(topic)));
  const files = loadConnectors(paths, (name) => (name === "GENERATOR_URL" ? generator.url : ""));
  const endpoint = `127.0.0.1:${server.port}`;
  const fluvio = await Fluvio.connect({ endpoint });
  for (const topic of EVENT_TOPICS) await fluvio.admin.ensureTopic(topic);
  const consumers = await Promise.all(
    EVENT_TOPICS.map((topic) => fluvio.consumer(topic, { start: "end" })),
  );
  const running = files.map(({ config }) => startConnector(config, { endpoint, log: () => {} }));
  try {
    for (const [index, topic] of EVENT_TOPICS.entries()) {
      const ids = new Set<unknown>();
      for await (const { records } of consumers[index]!) {
        for (const { value } of records) {
          const event = JSON.parse(Buffer.from(value).toString("utf8")) as { event_id: string };
          expect(checkEvent(topic, event)).toBeUndefined();
          expect(ids.has(event.event_id)).toBe(false);
          ids.add(event.event_id);
        }
        if (ids.size >= RECORDS_WANTED) break;
      }
    }
  } finally {
    await Promise.all(running.map((connector) => connector.close()));
    await fluvio.close();
  }
});
