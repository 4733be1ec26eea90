/** `arenaflow sdf test function NAME`: runs one function of a dataflow on a value. */
import { NoSuchFunction } from "@arenaflow/sdf/compile";
import { callFunction } from "@arenaflow/sdf/node";
import { UsageError } from "./command.ts";
import { printProblems } from "./sdf-check.ts";
import type { Target } from "./sdf-targets.ts";

export interface FunctionOptions {
  readonly name: string | undefined;
  readonly value: string | undefined;
  readonly key: string | undefined;
}

export async function testFunction(
  targets: readonly Target[],
  { name, value, key }: FunctionOptions,
): Promise<number> {
  const [target, another] = targets;
  if (name === undefined) throw new UsageError("expected the name of a function");
  if (value === undefined) throw new UsageError("expected --value with what the function takes");
  if (target === undefined || another !== undefined)
    throw new UsageError("expected the folder of one dataflow, after the function's name");
  const call = { name, value, ...(key === undefined ? {} : { key }) };
  const answer = await callFunction(target.dir, call).catch((error: unknown) => {
    if (error instanceof NoSuchFunction) throw new UsageError(error.message);
    throw error;
  });
  if ("problems" in answer) {
    printProblems(target, answer.problems);
    return 1;
  }
  for (const result of answer.results)
    console.log(result.key === null ? result.value : `${result.key}: ${result.value}`);
  if (answer.refused !== undefined) {
    console.error(`✗ ${answer.refused}`);
    return 1;
  }
  if (answer.results.length === 0) console.error("– nothing: the value was filtered out");
  return 0;
}
