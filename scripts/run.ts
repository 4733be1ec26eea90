/** Running the tools behind the npm scripts: one step after another, output passed through. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

/** The project's own binaries first, so that its Node 24 runs the tools and not the machine's. */
const PATH = `${join(ROOT, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`;

export interface Step {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly cwd?: string;
}

export interface Outcome {
  readonly step: Step;
  readonly ok: boolean;
  readonly output: string;
  readonly durationMs: number;
}

/**
 * Runs one tool.
 * @param output `inherit` shows what it prints as it comes, `collect` returns it
 */
export function run(step: Step, output: "inherit" | "collect" = "inherit"): Promise<Outcome> {
  const started = performance.now();
  const [program, ...args] = step.command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: step.cwd ?? ROOT,
      env: { ...process.env, PATH },
      stdio: output === "inherit" ? "inherit" : ["ignore", "pipe", "pipe"],
    });
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    const finish = (ok: boolean, extra = ""): void => {
      const text = Buffer.concat(chunks).toString() + extra;
      resolve({ step, ok, output: text, durationMs: performance.now() - started });
    };
    child.on("error", (error) => finish(false, `${program} did not start: ${error.message}\n`));
    child.on("close", (code) => finish(code === 0));
  });
}

/** Runs steps side by side, as many as the machine has cores, and hands over each as it ends. */
export async function runAll(
  steps: readonly Step[],
  onEnd: (outcome: Outcome) => void,
): Promise<boolean> {
  const queue = [...steps];
  let ok = true;
  const worker = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const outcome = await run(step, "collect");
      ok &&= outcome.ok;
      onEnd(outcome);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return ok;
}
