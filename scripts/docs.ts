/**
 * `npm run docs [-- --check]`: writes the pages of docs/reference that are made from code; with
 * `--check` says which of them are out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventsPage } from "./reference/events.ts";
import { httpPage } from "./reference/http.ts";
import { insightsPage } from "./reference/insights.ts";
import { settingsPage } from "./reference/settings.ts";
import { topicsPage } from "./reference/topics.ts";

const DIR = join(import.meta.dirname, "../docs/reference");
const PAGES = {
  "events.md": eventsPage,
  "http.md": httpPage,
  "insights.md": insightsPage,
  "settings.md": settingsPage,
  "topics.md": topicsPage,
};

mkdirSync(DIR, { recursive: true });
const stale: string[] = [];
for (const [name, make] of Object.entries(PAGES)) {
  const file = join(DIR, name);
  const text = make();
  if (text === readOrEmpty(file)) continue;
  if (process.argv.includes("--check")) stale.push(`docs/reference/${name}`);
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
