/** `node build.ts <dataflow directory>…`: writes dataflow.wasm beside each dataflow.yaml. Fails with the problems it found. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatProblem } from "../document/index.ts";
import { buildDataflow, isStale, ToolchainError } from "./index.ts";

const dirs = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const force = process.argv.includes("--force");

async function build(dir: string): Promise<boolean> {
  if (!force && !(await isStale(dir))) {
    process.stdout.write(`${dir}: up to date\n`);
    return true;
  }
  const started = performance.now();
  const result = await buildDataflow(dir);
  if ("problems" in result) {
    for (const problem of result.problems)
      process.stderr.write(`${formatProblem({ ...problem, file: join(dir, problem.file) })}\n`);
    return false;
  }
  await writeFile(join(dir, "dataflow.wasm"), result.wasm);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${dir}: ${Math.round(result.wasm.length / 1024)} KiB in ${seconds} s\n`);
  return true;
}

try {
  for (const dir of dirs) if (!(await build(dir))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof ToolchainError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
