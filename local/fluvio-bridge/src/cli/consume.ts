/** `arenaflow consume`: prints the records of a topic. */
import { Fluvio } from "@arenaflow/fluvio/client";
import {
  ENDPOINT_HELP,
  ENDPOINT_OPTION,
  fluvioEndpoint,
  readArgs,
  readCount,
  UsageError,
  type Command,
} from "./command.ts";

const HELP = `Usage: arenaflow consume TOPIC [options]

Prints new records, one per line, until Ctrl-C.

  --from-beginning, -B  also those that are there already
  --disable-continuous, -d  end at the last record instead of waiting for more
  --max N               end after so many records
  --key                 print the key before the value, with a tab between
${ENDPOINT_HELP}`;

const OPTIONS = {
  ...ENDPOINT_OPTION,
  "from-beginning": { type: "boolean", short: "B", default: false },
  "disable-continuous": { type: "boolean", short: "d", default: false },
  max: { type: "string" },
  key: { type: "boolean", default: false },
} as const;

export const command: Command = { help: HELP, run: consume };

async function consume(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  const [topic] = positionals;
  if (topic === undefined) throw new UsageError("which topic?");
  const max = readCount("max", values.max) ?? Number.POSITIVE_INFINITY;
  const fluvio = await Fluvio.connect({ endpoint: fluvioEndpoint(values.endpoint) });
  try {
    const until = values["disable-continuous"]
      ? await ends(fluvio, topic, values["from-beginning"])
      : undefined;
    if (max === 0 || until?.size === 0) return 0;
    const consumer = await fluvio.consumer(topic, {
      start: values["from-beginning"] ? "beginning" : "end",
    });
    process.on("SIGINT", () => void consumer.close());
    let printed = 0;
    for await (const { partition, records } of consumer) {
      for (const record of records) {
        const text = Buffer.from(record.value).toString("utf8");
        const key = record.key === null ? "" : Buffer.from(record.key).toString("utf8");
        console.log(values.key ? `${key}\t${text}` : text);
        printed += 1;
        if (until?.get(partition) === record.offset + 1) until?.delete(partition);
        if (printed >= max || until?.size === 0) return 0;
      }
    }
  } finally {
    await fluvio.close();
  }
  return 0;
}

/** Where each partition that has something to read ends now. */
async function ends(
  fluvio: Fluvio,
  topic: string,
  fromBeginning: boolean,
): Promise<Map<number, number>> {
  const offsets = await fluvio.offsets(topic);
  const toRead = offsets.filter(({ start, end }) => fromBeginning && end > start);
  return new Map(toRead.map(({ partition, end }) => [partition, end]));
}
