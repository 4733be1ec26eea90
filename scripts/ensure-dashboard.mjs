// Makes sure that dashboard/dist exists, which wrangler.toml serves: builds the dashboard when it was
// never built. A dashboard that does not build must not keep the API from starting.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const page = `${root}dashboard/dist/index.html`;

if (!existsSync(page)) {
  const { status } = spawnSync("npm", ["run", "build", "-w", "dashboard"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0 && !existsSync(page)) {
    mkdirSync(`${root}dashboard/dist`, { recursive: true });
    writeFileSync(
      page,
      "<!doctype html><title>Arenaflow</title><p>The dashboard could not be built. Run <code>npm run build -w dashboard</code> and read what it says.\n",
    );
  }
}
