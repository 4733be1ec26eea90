/**
 * Produces records and consumes them at the same time, and says now and then what memory is in use
 * after a collection: a line of JSON, `{"records", "bytes"}`, for each hundredth of them.
 * Run: `node --expose-gc move-records.ts <endpoint> <records>`
 */
import { Fluvio } from "../../src/client/index.ts";

const RECORD_BYTES = 300;
const CHUNK = 2000;
/** Produced and not yet consumed: the two ends stay together. */
const AHEAD_MAX = 50_000;
const LOOKS = 100;

const [endpoint = "", count = "0"] = process.argv.slice(2);
const total = Number(count);
const fluvio = await Fluvio.connect({ endpoint });
await fluvio.admin.createTopic("moved", {
  partitionBytesMax: 200_000_000,
  segmentBytes: 50_000_000,
});
const producer = await fluvio.producer("moved");
const consumer = await fluvio.consumer("moved", { start: "beginning" });
const value = Buffer.alloc(RECORD_BYTES, 97);
let produced = 0;
let consumed = 0;
let gaps = 0;

function ahead(): number {
  return produced - consumed;
}

async function produce(): Promise<void> {
  while (produced < total) {
    for (let n = 0; n < CHUNK; n += 1) void producer.send({ value });
    produced += CHUNK;
    do await new Promise(setImmediate);
    while (ahead() > AHEAD_MAX);
  }
  await producer.close();
}

function bytesInUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const producing = produce();
for await (const { records } of consumer) {
  const [first] = records;
  if (first !== undefined && first.offset !== consumed) gaps += 1;
  const before = Math.floor((consumed / total) * LOOKS);
  consumed += records.length;
  if (Math.floor((consumed / total) * LOOKS) > before) {
    console.log(JSON.stringify({ records: consumed, bytes: bytesInUse() }));
  }
  if (consumed >= total) break;
}
await producing;
await fluvio.close();
if (gaps > 0) {
  console.error(`${gaps} gaps between batches`);
  process.exitCode = 1;
}
