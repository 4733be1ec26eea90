/** The last run of each benchmark that was kept, with the machine it ran on. */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "figures.json");
const GIB = 1024 ** 3;

/** One benchmark's kept run. */
interface Kept {
  /** Day of the run, ISO 8601. */
  readonly date: string;
  readonly machine: string;
  readonly metrics: Readonly<Record<string, number>>;
}

export type Figures = Readonly<Record<string, Kept>>;

export function readFigures(): Figures {
  return JSON.parse(readFileSync(FILE, "utf8")) as Figures;
}

/** Replaces the figures of the benchmarks that were run. */
export function keepFigures(
  results: Readonly<Record<string, Readonly<Record<string, number>>>>,
): void {
  const kept: Record<string, Kept> = { ...readFigures() };
  for (const [name, metrics] of Object.entries(results)) {
    const before = kept[name]?.metrics;
    kept[name] = {
      date: new Date().toISOString().slice(0, 10),
      machine: machine(),
      metrics: { ...before, ...metrics },
    };
  }
  writeFileSync(FILE, `${JSON.stringify(kept, null, 2)}\n`);
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = `${Math.round(totalmem() / GIB)} GiB`;
  return `${availableParallelism()} cores (${model}), ${memory}, ${process.platform}, Node ${process.versions.node}`;
}
