/** The real stack on free ports, with its data in a folder of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Stack,
  type StackOptions,
  startStack,
} from "../../local/fluvio-bridge/src/stack/index.ts";

const LOG_LINES_MAX = 200;

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "arenaflow-e2e-"));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Starts it without the simulated game, so that the test's events are all there are. */
export async function startTestStack(
  dataDir: string,
  options: Pick<StackOptions, "catalogDir" | "generator" | "graphite"> = {},
): Promise<Stack> {
  const logged: string[] = [];
  try {
    return await startStack({
      dataDir,
      ...options,
      generator: options.generator ?? false,
      onEvent: (event) => {
        if (event.type === "log" && logged.length < LOG_LINES_MAX) {
          logged.push(`${event.part}: ${JSON.stringify(event.line)}`);
        }
      },
    });
  } catch (error) {
    throw new Error(`the stack did not start:\n${logged.join("\n")}`, { cause: error });
  }
}

export interface Answer {
  readonly status: number;
  readonly body: {
    readonly accepted?: number;
    readonly duplicates?: number;
    readonly rejected?: readonly { index: number; code: string; field: string; expected: string }[];
    readonly [field: string]: unknown;
  };
}

/** POSTs to the API with the development key. A string is sent as it stands. */
export async function post(stack: Stack, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(stack.urls.ingest + path, {
    method: "POST",
    headers: { Authorization: "Bearer dev", "Content-Type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Answer["body"]) };
}
