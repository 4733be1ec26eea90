/** `arenaflow doctor` as a person meets it: what it finds, and what it says to do. */
import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFluvioServer } from "@arenaflow/fluvio/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/checks.ts";
import { checkNode } from "../../src/doctor/checks.ts";
import { DEFAULT_PORTS } from "../../src/stack/preflight.ts";

const BIN = join(import.meta.dirname, "../../bin/arenaflow.mjs");
const dir = mkdtempSync(join(tmpdir(), "arenaflow-"));
const holders: Server[] = [];

/** Holds the default ports, so that what is said of them does not depend on the machine. */
beforeAll(async () => {
  for (const port of Object.values(DEFAULT_PORTS)) {
    const server = createServer();
    holders.push(server);
    await new Promise<void>((done) => {
      server.once("error", () => done());
      server.listen(port, "127.0.0.1", () => done());
    });
  }
});

afterAll(() => {
  for (const server of holders) server.close();
});

async function doctor(
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<{ code: number; findings: Map<string, Finding> }> {
  const { FLUVIO_ENDPOINT: _, NODE_OPTIONS: __, ...rest } = process.env;
  return await new Promise((resolve) => {
    const options = { env: { ...rest, FLV_PROFILE_PATH: join(dir, "none"), ...env } };
    execFile(process.execPath, [BIN, "doctor", "--json", ...args], options, (error, out) => {
      const list = JSON.parse(out) as Finding[];
      const findings = new Map(list.map((finding) => [finding.subject, finding]));
      resolve({ code: error === null ? 0 : Number(error.code), findings });
    });
  });
}

test("names the port that is taken, and another one to choose", async () => {
  const { code, findings } = await doctor({}, "--data", join(dir, "data"));
  expect(code).toBe(1);
  expect(findings.get("default ports")).toMatchObject({ state: "bad" });
  expect(findings.get("default ports")?.detail).toContain(`Port ${DEFAULT_PORTS.fluvio}`);
  expect(findings.get("default ports")?.next).toContain("--fluvio-port");
  expect(findings.get("packages, files, connectors")?.state).toBe("good");
  expect(findings.get("Fluvio cluster")?.detail).toContain("none is named");
});

test("asks the cluster that is named", async () => {
  const server = await startFluvioServer({ dataDir: join(dir, "fluvio"), port: 0 });
  const endpoint = `127.0.0.1:${server.port}`;
  const there = await doctor({ FLUVIO_ENDPOINT: endpoint });
  await server.close();
  const gone = await doctor({ FLUVIO_ENDPOINT: endpoint });
  expect(there.findings.get("Fluvio cluster")).toMatchObject({ state: "good" });
  expect(gone.findings.get("Fluvio cluster")).toMatchObject({ state: "bad" });
  expect(gone.findings.get("Fluvio cluster")?.next).toContain("FLUVIO_ENDPOINT");
});

test("a data folder that cannot be", async () => {
  const file = join(dir, "file");
  writeFileSync(file, "");
  const { findings } = await doctor({}, "--data", file);
  expect(findings.get("disk")).toMatchObject({ state: "bad" });
  expect(findings.get("disk")?.next).toContain("--data");
});

test.each([
  ["20.20.2", "bad"],
  ["22.11.0", "bad"],
  ["22.12.0", "good"],
  ["24.21.0", "good"],
])("Node %s is %s", (version, state) => {
  expect(checkNode(version).state).toBe(state);
});
