/**
 * Writes the dashboards and alert rules that Grafana reads: `grafana/dashboards/*.json` and
 * `grafana/provisioning/alerting/gaming.yaml`. `--check` writes nothing and fails when one of them is
 * not what the code here says. Run: `node grafana/src/build.ts`
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { stringify } from "yaml";
import { alertFile } from "./alerts.ts";
import { economyAndFraud } from "./dashboards/economy-and-fraud.ts";
import { pipeline } from "./dashboards/pipeline.ts";
import { playerExperience } from "./dashboards/player-experience.ts";
import { serverHealth } from "./dashboards/server-health.ts";

const ALERTS_HEAD = "# Written by grafana/src/build.ts from grafana/src/alerts.ts.\n";

const DASHBOARDS: Readonly<Record<string, () => Dashboard>> = {
  "server-health": serverHealth,
  "player-experience": playerExperience,
  "economy-and-fraud": economyAndFraud,
  pipeline,
};

/** What the SDK adds to every variable, and Grafana's schema knows of interval variables only. */
const NOT_OF_QUERIES = new Set(["auto", "auto_min", "auto_count"]);

function files(): ReadonlyMap<string, string> {
  const dashboards = Object.entries(DASHBOARDS).map(([name, make]): [string, string] => [
    `dashboards/${name}.json`,
    `${JSON.stringify(make(), (key, value: unknown) => (NOT_OF_QUERIES.has(key) ? undefined : value), 2)}\n`,
  ]);
  const alerts =
    ALERTS_HEAD + stringify(alertFile(), { lineWidth: 0, aliasDuplicateObjects: false });
  return new Map([...dashboards, ["provisioning/alerting/gaming.yaml", alerts]]);
}

for (const [name, content] of files()) {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  if (existsSync(file) && readFileSync(file, "utf8") === content) continue;
  if (process.argv.includes("--check")) {
    console.error(
      `grafana/${name} is not what grafana/src/ says: run "node grafana/src/build.ts".`,
    );
    process.exitCode = 1;
  } else {
    writeFileSync(file, content);
    console.log(`grafana/${name} written`);
  }
}
