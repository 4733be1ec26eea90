/** Bundles the Workers named in its argument and prints Miniflare's options for them as JSON. */
import { bundleWorker, type WorkerSource } from "../worker-bundle.ts";

const sources = JSON.parse(process.argv[2] ?? "[]") as WorkerSource[];
const workers = await Promise.all(sources.map((source) => bundleWorker(source)));
process.stdout.write(JSON.stringify(workers.flat()));
