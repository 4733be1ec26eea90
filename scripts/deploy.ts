/**
 * `npm run deploy`: the ingest Worker and the dashboard to Cloudflare. Needs an account: run
 * `npx wrangler login` once. ARENAFLOW_API_URL and ARENAFLOW_READ_KEY tell the page where the API
 * is. The simulated game goes too with `npm run deploy -- --generator`; `-- --dry-run` builds and
 * bundles everything as it would be deployed, needs no account, and sends nothing.
 */
import { join } from "node:path";
import { configureDashboard, type DashboardTarget, targetFrom } from "./configure-dashboard.ts";
import { ROOT, run, type Step } from "./run.ts";

const PAGES_PROJECT = process.env["ARENAFLOW_PAGES_PROJECT"] ?? "arenaflow-dashboard";
const DIST_DIR = join(ROOT, "dashboard", "dist");

const build: Step = { name: "dashboard", command: ["npm", "run", "build", "-w", "dashboard"] };
const dryRun = process.argv.includes("--dry-run");
const deployWorker: Step["command"] = ["wrangler", "deploy", ...(dryRun ? ["--dry-run"] : [])];
const steps: Step[] = [
  // Anything but "local" shuts the development key out; keys come from the secret ARENAFLOW_KEYS.
  { name: "ingest", command: [...deployWorker, "--var", "ARENAFLOW_ENV:production"] },
];
if (!dryRun) {
  // Has no dry run of its own.
  steps.push({
    name: "pages",
    command: ["wrangler", "pages", "deploy", "dashboard/dist", "--project-name", PAGES_PROJECT],
  });
}
if (process.argv.includes("--generator")) {
  steps.push({
    name: "generator",
    command: [...deployWorker, "-c", "workers/generator/wrangler.toml"],
  });
}

process.exitCode = (await deploy(process.env)) ? 0 : 1;

async function deploy(env: NodeJS.ProcessEnv): Promise<boolean> {
  let target: DashboardTarget;
  try {
    target = targetFrom(env);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
  if (!(await run(build)).ok) return false;
  const restore = configureDashboard(DIST_DIR, target);
  try {
    for (const step of steps) {
      const { ok } = await run(step);
      if (ok) continue;
      console.error(`\nDeploying stopped at "${step.name}". What went before it is deployed.`);
      return false;
    }
  } finally {
    restore();
  }
  return true;
}
