/** Every command and every link of the documentation works. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Stack } from "../../local/fluvio-bridge/src/stack/index.ts";
import { PROJECT_DIR } from "../../local/fluvio-bridge/src/stack/layout.ts";
import { commandsIn, documentationPages, NOT_RUN } from "./doc-commands.ts";
import { removeFolder, startTestStack, temporaryFolder } from "./test-stack.ts";

const COMMAND_MS_MAX = 60_000;

let dataDir: string;
let stack: Stack;

beforeAll(async () => {
  dataDir = temporaryFolder();
  stack = await startTestStack(dataDir, { generator: true });
});

afterAll(async () => {
  await stack?.close();
  removeFolder(dataDir);
});

/** Runs a block as it stands, but for the ports, which are this test's own. */
async function run(text: string): Promise<string> {
  const { ingest, generator, fluvio } = stack.urls;
  const here = text
    .replaceAll("http://127.0.0.1:8787", ingest)
    .replaceAll("localhost:8787", new URL(ingest).host)
    .replaceAll("127.0.0.1:8788", new URL(String(generator)).host)
    .replaceAll("localhost:8788", new URL(String(generator)).host);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", here], {
    cwd: PROJECT_DIR,
    timeout: COMMAND_MS_MAX,
    env: { ...env, FLUVIO_ENDPOINT: fluvio },
  });
  return stdout;
}

for (const page of documentationPages()) {
  describe(relative(PROJECT_DIR, page), () => {
    const commands = commandsIn(page);

    test.each(commands.filter(({ mark }) => mark === ""))(
      "line $line runs",
      async ({ text }) => {
        await expect(run(text)).resolves.toBeTypeOf("string");
      },
      COMMAND_MS_MAX,
    );

    test("what is not run says why", () => {
      const unknown = commands.filter(({ mark }) => mark !== "" && !(mark in NOT_RUN));
      expect(unknown).toEqual([]);
    });

    test("links lead somewhere", () => {
      const text = readFileSync(page, "utf8").replaceAll(/```[\s\S]*?```/g, "");
      const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to = ""]) => to);
      const missing = targets.filter(
        (to) => !/^[a-z]+:/.test(to) && !existsSync(resolve(join(dirname(page), to))),
      );
      expect(missing).toEqual([]);
    });
  });
}
