/** `arenaflow consume`: prints the records of a topic. Options are those of `fluvio consume`. */
import { type Consumer, Fluvio, type StartPosition } from "@arenaflow/fluvio/client";
import {
  ENDPOINT_HELP,
  ENDPOINT_OPTION,
  fluvioEndpoint,
  readArgs,
  readCount,
  UsageError,
  type Command,
} from "./command.ts";
import { recordFormat, type RecordFormat } from "./record-format.ts";

const HELP = `Usage: arenaflow consume TOPIC [options]

Prints new records of all partitions, one per line, until Ctrl-C.

  --beginning, -B       also those that are there already
  --head N, -H          begin N records after the beginning
  --tail N, -T          begin N records before the end
  --start OFFSET        begin at an offset
  --disable-continuous, -d  end at the last record instead of waiting for more
  --num-records N, -n   end after so many records
  --partition N, -p     only this partition; can be given several times
  --consumer NAME, -c   go on after the last record this consumer has seen
  --key-value, -k       print "[key] value"
  --output TYPE, -O     text (default) or json: partition, offset, timestamp, key and value
  --format TEXT, -F     print TEXT with {{key}} {{value}} {{offset}} {{partition}} {{time}}
${ENDPOINT_HELP}`;

const OPTIONS = {
  ...ENDPOINT_OPTION,
  beginning: { type: "boolean", short: "B", default: false },
  head: { type: "string", short: "H" },
  tail: { type: "string", short: "T" },
  start: { type: "string" },
  "disable-continuous": { type: "boolean", short: "d", default: false },
  "num-records": { type: "string", short: "n" },
  partition: { type: "string", short: "p", multiple: true },
  consumer: { type: "string", short: "c" },
  "key-value": { type: "boolean", short: "k", default: false },
  output: { type: "string", short: "O", default: "text" },
  format: { type: "string", short: "F" },
} as const;

export const command: Command = { help: HELP, run: consume };

type Values = ReturnType<typeof readArgs<typeof OPTIONS>>["values"];

async function consume(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  const [topic] = positionals;
  if (topic === undefined) throw new UsageError("which topic?");
  const format = recordFormat({
    output: values.output,
    template: values.format,
    withKey: values["key-value"],
  });
  const partitions: "all" | number[] =
    values.partition?.map((text) => readCount("partition", text) ?? 0) ?? "all";
  const max = readCount("num-records", values["num-records"]) ?? Number.POSITIVE_INFINITY;
  const told = readStart(values);
  const fluvio = await Fluvio.connect({ endpoint: fluvioEndpoint(values.endpoint) });
  try {
    const isOffset = typeof told === "object" && "offset" in told;
    const consumer = await fluvio.consumer(topic, {
      partitions,
      start: isOffset ? await atOffset(fluvio, topic, told.offset) : told,
      ...(values.consumer === undefined ? {} : { consumerId: values.consumer }),
    });
    process.on("SIGINT", () => void consumer.close());
    const ends = values["disable-continuous"] ? await endsAhead(fluvio, consumer) : undefined;
    if (max > 0 && ends?.size !== 0) {
      await print(consumer, { max, ends, format, commits: values.consumer !== undefined });
    }
  } finally {
    await fluvio.close();
  }
  return 0;
}

/** Where to begin. @throws {UsageError} when told twice */
function readStart(values: Values): StartPosition | { readonly offset: number } {
  const { beginning, head, tail, start } = values;
  const told = [beginning || undefined, head, tail, start].filter((value) => value !== undefined);
  if (told.length > 1) throw new UsageError("only one of --beginning --head --tail --start");
  if (beginning) return "beginning";
  if (head !== undefined) return { fromBeginning: readCount("head", head) ?? 0 };
  if (tail !== undefined) return { fromEnd: readCount("tail", tail) ?? 0 };
  return start === undefined ? "end" : { offset: readCount("start", start) ?? 0 };
}

/** The same offset in every partition. */
async function atOffset(fluvio: Fluvio, topic: string, offset: number): Promise<StartPosition> {
  const ranges = await fluvio.offsets(topic);
  return { absolute: Object.fromEntries(ranges.map(({ partition }) => [partition, offset])) };
}

/** Where each partition ends that has something to read. */
async function endsAhead(fluvio: Fluvio, consumer: Consumer): Promise<Map<number, number>> {
  const ranges = await fluvio.offsets(consumer.topic);
  const ahead = ranges.filter(
    ({ partition, end }) => (consumer.starts.get(partition) ?? Number.POSITIVE_INFINITY) < end,
  );
  return new Map(ahead.map(({ partition, end }) => [partition, end]));
}

interface Printing {
  readonly max: number;
  /** Partitions still to be read to their ends; without it, there is no end. */
  readonly ends: Map<number, number> | undefined;
  readonly format: RecordFormat;
  readonly commits: boolean;
}

async function print(consumer: Consumer, { max, ends, format, commits }: Printing): Promise<void> {
  let printed = 0;
  for await (const { partition, records } of consumer) {
    for (const record of records) {
      console.log(format(partition, record));
      printed += 1;
      const isLast = printed >= max;
      if (commits && (isLast || record === records.at(-1))) {
        await consumer.commit(partition, record.offset);
      }
      if ((ends?.get(partition) ?? Number.POSITIVE_INFINITY) <= record.offset + 1) {
        ends?.delete(partition);
      }
      if (isLast || ends?.size === 0) return;
    }
  }
}
