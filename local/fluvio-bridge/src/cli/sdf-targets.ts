/** Which dataflows a command is about. */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { findDataflows } from "@arenaflow/sdf/node";
import { PROJECT } from "../stack/layout.ts";
import { UsageError } from "./command.ts";

const DOCUMENT = "dataflow.yaml";

export interface Target {
  readonly dir: string;
  /** How it is called in what is printed: the folder, as the person would write it. */
  readonly shown: string;
}

/** @throws {UsageError} when an operand is no dataflow and holds none */
export async function findTargets(operands: readonly string[]): Promise<Target[]> {
  const wanted = operands.length > 0 ? operands : [defaultFolder()];
  const found = await Promise.all(wanted.map(findIn));
  return found.flat().map((dir) => ({ dir, shown: relative("", dir) || "." }));
}

function defaultFolder(): string {
  return existsSync(DOCUMENT) ? "." : PROJECT.dataflowsDir;
}

async function findIn(operand: string): Promise<string[]> {
  const folder = basename(operand) === DOCUMENT ? dirname(operand) : operand;
  if (existsSync(join(folder, DOCUMENT))) return [folder];
  const names = existsSync(folder) ? await findDataflows(folder) : [];
  if (names.length > 0) return names.map((name) => join(folder, name));
  throw new UsageError(`${operand} is no dataflow: there is no ${join(folder, DOCUMENT)}`);
}
