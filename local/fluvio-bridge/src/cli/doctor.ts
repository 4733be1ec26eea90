/** `arenaflow doctor`: looks at what the stack needs and says what is missing. */
import { resolve } from "node:path";
import { connectorPaths } from "../stack/connector-paths.ts";
import { dashboardNeedsBuild } from "../stack/dashboard.ts";
import { missingGraphite } from "../stack/graphite/installed.ts";
import { dataLayout, PROJECT_DIR } from "../stack/layout.ts";
import { checkFiles, checkNotRunning, checkPorts, DEFAULT_PORTS } from "../stack/preflight.ts";
import type { Problem } from "../stack/stack-error.ts";
import { readArgs, type Command } from "./command.ts";

const HELP = `Usage: arenaflow doctor

Looks at Node, packages, files, connectors and the default ports, and says what to do about what
is wrong. Changes nothing.`;

export const command: Command = { help: HELP, run: doctor };

async function doctor(args: string[]): Promise<number> {
  readArgs(args, {});
  const url = "http://127.0.0.1";
  const secrets = {
    FEED_KEY: "",
    SINK_KEY: "",
    INGEST_URL: url,
    GENERATOR_URL: url,
    GRAPHITE_ADDRESS: "h:1",
  };
  const running = await checkNotRunning(dataLayout(resolve(PROJECT_DIR, ".arenaflow")));
  const ports = running.length > 0 ? [] : await checkPorts(DEFAULT_PORTS, true);
  console.log(`Node ${process.versions.node}`);
  const good = [
    report(
      "packages, files, connectors",
      checkFiles(connectorPaths({ generator: true, graphite: true }), { ...secrets }),
    ),
    report("default ports", ports),
  ];
  if (running.length > 0) console.log("– the stack is running");
  const noGraphite = await missingGraphite();
  if (noGraphite === undefined) console.log("✓ Graphite, for npm start -- --with-graphite");
  else console.log(`– ${noGraphite.what}\n  ${noGraphite.next}`);
  if (dashboardNeedsBuild()) console.log("– the dashboard is built at the next start");
  return good.every(Boolean) ? 0 : 1;
}

function report(subject: string, problems: readonly Problem[]): boolean {
  if (problems.length === 0) console.log(`✓ ${subject}`);
  for (const { what, next } of problems) console.log(`✗ ${what}\n  ${next}`);
  return problems.length === 0;
}
