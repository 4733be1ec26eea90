/** `arenaflow produce`: every line of the standard input or of a file becomes a record. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { Fluvio, type OutgoingRecord, type ProducerOptions } from "@arenaflow/fluvio/client";
import {
  ENDPOINT_HELP,
  ENDPOINT_OPTION,
  fluvioEndpoint,
  readArgs,
  readCount,
  UsageError,
  type Command,
} from "./command.ts";

const HELP = `Usage: arenaflow produce TOPIC [options]        (records: lines of the standard input)

  --file FILE, -f       lines of a file instead
  --raw                 all of the input is one record
  --key TEXT            the key of every record
  --key-separator TEXT  what is before it in a line is the record's key
  --partition N, -p     instead of the one that the key chooses
  --compression TYPE    none, gzip, snappy, lz4 or zstd; default: what the topic asks for
${ENDPOINT_HELP}`;

const OPTIONS = {
  ...ENDPOINT_OPTION,
  file: { type: "string", short: "f" },
  raw: { type: "boolean", default: false },
  key: { type: "string" },
  "key-separator": { type: "string" },
  partition: { type: "string", short: "p" },
  compression: { type: "string" },
} as const;

export const command: Command = { help: HELP, run: produce };

const COMPRESSIONS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

type Values = ReturnType<typeof readArgs<typeof OPTIONS>>["values"];

async function produce(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  const [topic] = positionals;
  if (topic === undefined) throw new UsageError("which topic?");
  const toRecord = readRecord(values);
  const options = readCompression(values.compression);
  const fluvio = await Fluvio.connect({ endpoint: fluvioEndpoint(values.endpoint) });
  try {
    const producer = await fluvio.producer(topic, options);
    let sent = 0;
    let failure: { error: unknown } | undefined;
    for await (const line of inputOf(values)) {
      producer.send(toRecord(line)).then(
        () => (sent += 1),
        (error: unknown) => (failure ??= { error }),
      );
      if (failure !== undefined) break;
    }
    await producer.close();
    if (failure !== undefined) throw failure.error;
    console.error(`${sent} records sent to ${topic}`);
  } finally {
    await fluvio.close();
  }
  return 0;
}

/** The texts of the records: lines, or all of the input with `--raw`. */
async function* inputOf(values: Values): AsyncGenerator<string> {
  const input = values.file === undefined ? process.stdin : createReadStream(values.file);
  if (values.raw) yield await text(input);
  else yield* createInterface({ input, crlfDelay: Infinity });
}

function readRecord(values: Values): (text: string) => OutgoingRecord {
  const { key = null, "key-separator": separator } = values;
  if (key !== null && separator !== undefined) {
    throw new UsageError("only one of --key --key-separator");
  }
  const partition = readCount("partition", values.partition);
  const place = partition === undefined ? {} : { partition };
  return (line) => {
    const at = separator === undefined ? -1 : line.indexOf(separator);
    if (separator === undefined || at === -1) return { key, value: line, ...place };
    return { key: line.slice(0, at), value: line.slice(at + separator.length), ...place };
  };
}

function readCompression(name: string | undefined): ProducerOptions {
  if (name === undefined) return {};
  const compression = COMPRESSIONS.find((known) => known === name);
  if (compression !== undefined) return { compression };
  throw new UsageError(`--compression should be ${COMPRESSIONS.join(", ")}, got ${name}`);
}
