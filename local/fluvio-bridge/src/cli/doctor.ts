/** `arenaflow doctor`: looks at what the stack needs and says what to do about what is wrong. */
import { resolve } from "node:path";
import {
  checkCluster,
  checkDisk,
  checkGraphite,
  checkMemory,
  checkNode,
  checkPortsOrStack,
  checkProjectFiles,
  checkRust,
  checkStaleness,
  type Finding,
} from "../doctor/checks.ts";
import { dataLayout, PROJECT_DIR } from "../stack/layout.ts";
import { readArgs, type Command } from "./command.ts";

const HELP = `Usage: arenaflow doctor [options]

Looks at Node, packages, files, connectors, ports, disk, memory, the Fluvio cluster that
FLUVIO_ENDPOINT or Fluvio's configuration names, and at what is out of date; says what to do about
what is wrong. Changes nothing.

  --data DIR  the data folder to look at; default .arenaflow
  --json      findings as JSON`;

const OPTIONS = {
  data: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

const SIGN = { good: "✓", note: "–", bad: "✗" } as const;

export const command: Command = { help: HELP, run: doctor };

async function doctor(args: string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS);
  const folder = resolve(values.data ?? resolve(PROJECT_DIR, ".arenaflow"));
  const findings: Finding[] = [
    checkNode(process.versions.node),
    checkProjectFiles(),
    await checkPortsOrStack(dataLayout(folder)),
    checkDisk(folder),
    checkMemory(),
    await checkCluster(process.env["FLUVIO_ENDPOINT"]),
    ...(await checkStaleness()),
    await checkRust(),
    await checkGraphite(),
  ];
  console.log(values.json ? JSON.stringify(findings) : findings.map(text).join("\n"));
  return findings.some(({ state }) => state === "bad") ? 1 : 0;
}

function text({ subject, state, detail, next }: Finding): string {
  const lines = [`${SIGN[state]} ${subject}: ${indented(detail)}`];
  if (next !== undefined) lines.push(`  → ${indented(next)}`);
  return lines.join("\n");
}

function indented(lines: string): string {
  return lines.replaceAll("\n", "\n    ");
}
