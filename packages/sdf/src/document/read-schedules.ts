/** The `schedule` section: each entry is a topic to the services, which the runner writes to when it is time. */
import { Cron } from "./cron.ts";
import type { Topic } from "./ir.ts";
import { isName } from "./names.ts";
import type { Entry, Reader } from "./reader.ts";

/** How a service's source names the topic of a schedule; no topic's own name has a space. */
export function scheduleId(name: string): string {
  return `schedule ${name}`;
}

/** @param dataflow part of the topics' names: a schedule is one dataflow's */
export function readSchedules(
  reader: Reader,
  entry: Entry | undefined,
  dataflow: { readonly name: string; readonly apiVersion: string },
): Topic[] {
  if (entry === undefined) return [];
  const { apiVersion, name } = dataflow;
  if (apiVersion < "0.6.0")
    reader.report(
      entry.at,
      `apiVersion ${apiVersion} has no schedules`,
      "write `apiVersion: 0.6.0`",
    );
  const topics: Topic[] = [];
  for (const item of reader.map(entry.value, "schedule", entry.at)) {
    if (!isName(item.key)) reader.report(item.at, `"${item.key}" cannot be the name of a schedule`);
    const { cron } = reader.fields(item.value, `schedule "${item.key}"`, item.at, ["cron"]);
    const text = reader.string(cron, "cron", item.at);
    if (text === undefined) continue;
    const times = Cron.parse(text);
    if (typeof times === "string") {
      const at = reader.place(cron?.value ?? null, item.at);
      reader.report(at, `cron: ${times}`, '"0 8 * * *" is every day at 08:00 UTC');
    }
    topics.push({
      id: scheduleId(item.key),
      name: `schedule-${name}-${item.key}`.toLowerCase().replaceAll("_", "-"),
      value: { kind: "primitive", primitive: "i64" },
      converter: "json",
      start: { position: "end", value: 0 },
      consumer: {},
      producer: {},
      cron: text,
      at: item.at,
    });
  }
  return topics;
}
