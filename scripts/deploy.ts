/**
 * `npm run deploy`: the ingest Worker and the dashboard to Cloudflare. Needs an account: run
 * `npx wrangler login` once. The simulated game goes too with `npm run deploy -- --generator`.
 */
import { run, type Step } from "./run.ts";

const PAGES_PROJECT = process.env["ARENAFLOW_PAGES_PROJECT"] ?? "arenaflow-dashboard";

const steps: Step[] = [
  { name: "dashboard", command: ["npm", "run", "build", "-w", "dashboard"] },
  // Anything but "local" shuts the development key out; keys come from the secret ARENAFLOW_KEYS.
  { name: "ingest", command: ["wrangler", "deploy", "--var", "ARENAFLOW_ENV:production"] },
  {
    name: "pages",
    command: ["wrangler", "pages", "deploy", "dashboard/dist", "--project-name", PAGES_PROJECT],
  },
];
if (process.argv.includes("--generator")) {
  steps.push({
    name: "generator",
    command: ["wrangler", "deploy", "-c", "workers/generator/wrangler.toml"],
  });
}

for (const step of steps) {
  const { ok } = await run(step);
  if (ok) continue;
  console.error(`\nDeploying stopped at "${step.name}". What went before it is deployed.`);
  process.exitCode = 1;
  break;
}
