/**
 * `npm run docs [-- --check]`: writes the pages of docs that are made from code; with
 * `--check` says which of them are out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchmarksPage } from "./reference/benchmarks.ts";
import { eventsPage } from "./reference/events.ts";
import { httpPage } from "./reference/http.ts";
import { insightsPage } from "./reference/insights.ts";
import { scalePage } from "./reference/scale.ts";
import { settingsPage } from "./reference/settings.ts";
import { topicsPage } from "./reference/topics.ts";

const DIR = join(import.meta.dirname, "../docs");
const PAGES = {
  "benchmarks.md": benchmarksPage,
  "reference/events.md": eventsPage,
  "reference/http.md": httpPage,
  "reference/insights.md": insightsPage,
  "reference/settings.md": settingsPage,
  "scale.md": scalePage,
  "reference/topics.md": topicsPage,
};

mkdirSync(join(DIR, "reference"), { recursive: true });
const stale: string[] = [];
for (const [name, make] of Object.entries(PAGES)) {
  const file = join(DIR, name);
  const text = make();
  if (text === readOrEmpty(file)) continue;
  if (process.argv.includes("--check")) stale.push(`docs/${name}`);
  else writeFileSync(file, text);
}
if (stale.length > 0) {
  console.error(`Out of date: ${stale.join(", ")}. Run: npm run docs`);
  process.exitCode = 1;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
