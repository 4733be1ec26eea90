/**
 * `npm test`: every test that this machine can run. `CI=true` turns what is missing into a failure.
 * Arguments are passed on to vitest: `npm test -- --project node packages/events`.
 */
import { run } from "./run.ts";

const reportFile = process.env["ARENAFLOW_TEST_REPORT"];
const reporters =
  reportFile === undefined
    ? []
    : ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];

const built = await run({
  name: "dashboard",
  command: ["npm", "run", "--silent", "build", "-w", "dashboard", "--", "--logLevel", "warn"],
});
const tested = built.ok
  ? await run({
      name: "vitest",
      command: ["vitest", "run", ...reporters, ...process.argv.slice(2)],
    })
  : built;
if (!tested.ok) process.exitCode = 1;
