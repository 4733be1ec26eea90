import { createServer, type AddressInfo, type Server } from "node:net";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { LogFile } from "../../src/stack/log-file.ts";
import { dataLayout } from "../../src/stack/layout.ts";
import { checkNotRunning, checkPorts } from "../../src/stack/preflight.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((listening) => server.once("listening", listening));
  return (server.address() as AddressInfo).port;
}

describe("ports", () => {
  test("a taken port is named, with who has it and how to choose another", async () => {
    const port = await takenPort();
    const [problem, ...others] = await checkPorts({ ingest: 0, generator: 0, fluvio: port }, true);
    expect(others).toEqual([]);
    expect(problem?.what).toContain(`Port ${port}, for the Fluvio server, is taken`);
    if (process.platform === "linux") expect(problem?.what).toContain(`(pid ${process.pid})`);
    expect(problem?.next).toContain("npm start -- --fluvio-port");
  });

  test("the game's port does not matter without the game", async () => {
    const ports = { ingest: 0, generator: await takenPort(), fluvio: 0 };
    expect(await checkPorts(ports, false)).toEqual([]);
    expect(await checkPorts(ports, true)).toHaveLength(1);
  });

  test("one port for two parts", async () => {
    const port = await takenPort();
    for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
    const problems = await checkPorts({ ingest: port, generator: port, fluvio: 0 }, true);
    expect(problems.map(({ what }) => what).join()).toContain("is wanted twice");
  });
});

describe("two stacks on one data folder", () => {
  test("are refused while the first one runs", async () => {
    const layout = dataLayout(mkdtempSync(join(tmpdir(), "arenaflow-")));
    const port = await takenPort();
    writeFileSync(layout.running, JSON.stringify({ pid: process.pid, port }));
    const [problem] = await checkNotRunning(layout);
    expect(problem?.what).toContain("already running");
  });

  test("what a killed stack has left behind is no obstacle", async () => {
    const layout = dataLayout(mkdtempSync(join(tmpdir(), "arenaflow-")));
    expect(await checkNotRunning(layout)).toEqual([]);
    writeFileSync(layout.running, JSON.stringify({ pid: process.pid, port: 1 }));
    expect(await checkNotRunning(layout)).toEqual([]);
    writeFileSync(layout.running, "half a fi");
    expect(await checkNotRunning(layout)).toEqual([]);
  });
});

test("log files do not grow without end", () => {
  const dir = mkdtempSync(join(tmpdir(), "arenaflow-"));
  const file = new LogFile(join(dir, "part.log"), 1_000);
  for (let i = 0; i < 100; i += 1) file.write(`line ${i} ${"x".repeat(80)}`);
  file.close();
  expect(readdirSync(dir).toSorted()).toEqual(["part.1.log", "part.log"]);
  expect(readFileSync(join(dir, "part.log"), "utf8")).toContain("line 99 ");
  for (const name of readdirSync(dir)) {
    expect(readFileSync(join(dir, name)).length).toBeLessThanOrEqual(1_000);
  }
});
