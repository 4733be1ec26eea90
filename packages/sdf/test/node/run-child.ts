/**
 * Runs one dataflow in a process of its own, so that a test can kill it. Its clock runs ten times
 * slower than the system's: a pause of a busy machine must not pass for silence in a topic.
 * Arguments: dataflow folder, Fluvio endpoint, checkpoint folder, threads, and,
 * where processes share the groups, those of this one, separated by commas.
 */
import { runDataflow } from "../../src/node/index.ts";

const startMs = Date.now();
const [dir = "", endpoint = "", checkpointDir = "", threads = "1", groups] = process.argv.slice(2);
const running = await runDataflow({
  dir,
  endpoint,
  checkpointDir,
  checkpointIntervalMs: 150,
  threads: Number(threads),
  ...(groups === undefined ? {} : { groups: groups.split(",").map(Number) }),
  now: () => startMs + (Date.now() - startMs) / 10,
  log: ({ level, message }) => process.stderr.write(`${level} ${message}\n`),
});
process.stdout.write("running\n");
process.once("SIGTERM", () => void running.close());
await running.finished;
