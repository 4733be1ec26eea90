/**
 * `npm run audit`: asks the registry for known weaknesses of what is installed, and fails on serious
 * ones. A registry that does not answer audits (mirrors often do not) is said, and is no failure.
 */
import { spawnSync } from "node:child_process";

const SERIOUS = new Set(["high", "critical"]);
const ANSWER_MS_MAX = 60_000;

interface Weakness {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
}

interface Answer {
  readonly vulnerabilities?: Readonly<Record<string, Weakness>>;
  readonly message?: string;
  readonly error?: { readonly summary?: string };
}

const { stdout } = spawnSync("npm", ["audit", "--json"], {
  encoding: "utf8",
  timeout: ANSWER_MS_MAX,
  shell: process.platform === "win32",
});
const answer = read(stdout);
if (answer?.vulnerabilities === undefined) {
  const why = answer?.message ?? answer?.error?.summary ?? "no answer";
  console.log(`– audit left out: the registry does not answer it (${why})`);
} else {
  const serious = Object.values(answer.vulnerabilities).filter((each) =>
    SERIOUS.has(each.severity),
  );
  for (const { name, severity, range } of serious) console.error(`✗ ${severity}: ${name} ${range}`);
  if (serious.length === 0) console.log("✓ audit: nothing serious is known");
  else process.exitCode = 1;
}

function read(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}
