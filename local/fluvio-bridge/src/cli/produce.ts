/** `arenaflow produce`: every line of the standard input or of a file becomes a record. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Fluvio } from "@arenaflow/fluvio/client";
import {
  ENDPOINT_HELP,
  ENDPOINT_OPTION,
  fluvioEndpoint,
  readArgs,
  UsageError,
  type Command,
} from "./command.ts";

const HELP = `Usage: arenaflow produce TOPIC [options]        (records: lines of the standard input)

  --file FILE           lines of a file instead
  --key-separator TEXT  what is before it in a line is the record's key
${ENDPOINT_HELP}`;

const OPTIONS = {
  ...ENDPOINT_OPTION,
  file: { type: "string" },
  "key-separator": { type: "string" },
} as const;

export const command: Command = { help: HELP, run: produce };

async function produce(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  const [topic] = positionals;
  if (topic === undefined) throw new UsageError("which topic?");
  const separator = values["key-separator"];
  const fluvio = await Fluvio.connect({ endpoint: fluvioEndpoint(values.endpoint) });
  try {
    const producer = await fluvio.producer(topic);
    let sent = 0;
    let failure: { error: unknown } | undefined;
    const input = values.file === undefined ? process.stdin : createReadStream(values.file);
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const record = toRecord(line, separator);
      producer.send(record).then(
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

function toRecord(
  line: string,
  separator: string | undefined,
): { key: string | null; value: string } {
  const at = separator === undefined ? -1 : line.indexOf(separator);
  if (separator === undefined || at === -1) return { key: null, value: line };
  return { key: line.slice(0, at), value: line.slice(at + separator.length) };
}
