/**
 * `npm run test:long`: five million events of the simulated game, and every insight equal to the
 * reference models'. `-- --events 200000 --seed 3` for another run.
 */
import { parseArgs } from "node:util";
import { longRun } from "./long-run.ts";

const PROGRESS_EVERY = 250_000;

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "5000000" },
    seed: { type: "string", default: "7" },
  },
});
let next = PROGRESS_EVERY;
const started = performance.now();
const seconds = (): number => Math.round((performance.now() - started) / 1000);
const mebibytes = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);
const result = await longRun({
  events: Number(values.events),
  seed: Number(values.seed),
  onProgress: (events, unmatched) => {
    if (events < next) return;
    next += PROGRESS_EVERY;
    console.log(
      `${events} events, ${seconds()} s, ${mebibytes()} MiB, ${unmatched} not matched yet`,
    );
  },
});
console.log(`${result.events} events in ${seconds()} s; insights equal to the reference model's:`);
console.table(result.equal);
for (const difference of result.differences) console.error(difference);
if (result.differences.length > 0) process.exitCode = 1;
