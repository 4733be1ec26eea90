/** `arenaflow topics`: lists, creates and deletes topics. */
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

const HELP = `Usage: arenaflow topics [list]
       arenaflow topics create NAME [--partitions N]
       arenaflow topics delete NAME

  --partitions N        of the new topic; default 1
${ENDPOINT_HELP}`;

const OPTIONS = { ...ENDPOINT_OPTION, partitions: { type: "string" } } as const;

export const command: Command = { help: HELP, run: topics };

async function topics(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  const [action = "list", name] = positionals;
  const partitions = readCount("partitions", values.partitions) ?? 1;
  if (!["list", "create", "delete"].includes(action)) {
    throw new UsageError(`expected list, create or delete, got ${action}`);
  }
  if (action !== "list" && name === undefined)
    throw new UsageError(`${action} needs a topic's name`);
  const fluvio = await Fluvio.connect({ endpoint: fluvioEndpoint(values.endpoint) });
  try {
    if (action === "list") await list(fluvio);
    else if (action === "create") await fluvio.admin.createTopic(name ?? "", { partitions });
    else await fluvio.admin.deleteTopic(name ?? "");
  } finally {
    await fluvio.close();
  }
  return 0;
}

async function list(fluvio: Fluvio): Promise<void> {
  const found = await fluvio.admin.listTopics();
  const rows = await Promise.all(
    found.map(async ({ name, partitions }) => {
      const offsets = await fluvio.offsets(name);
      const records = offsets.reduce((sum, { start, end }) => sum + end - start, 0);
      return [name, `${partitions}`, `${records}`];
    }),
  );
  const table = [
    ["TOPIC", "PARTITIONS", "RECORDS"],
    ...rows.toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}
