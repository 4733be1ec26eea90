/** docs/reference/topics.md: who writes each topic and who reads it, from dataflows and connectors. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { code, madeFrom, page, table } from "./markdown.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Use {
  readonly writers: Set<string>;
  readonly readers: Set<string>;
}

export function topicsPage(): string {
  const uses = new Map<string, Use>();
  const useOf = (topic: string): Use => {
    const use = uses.get(topic) ?? { writers: new Set(), readers: new Set() };
    uses.set(topic, use);
    return use;
  };
  for (const name of folders("dataflows")) {
    const text = readFileSync(join(ROOT, "dataflows", name, "dataflow.yaml"), "utf8");
    for (const topic of topicsOf(text, "sources")) useOf(topic).readers.add(`dataflow ${name}`);
    for (const topic of topicsOf(text, "sinks")) useOf(topic).writers.add(`dataflow ${name}`);
  }
  for (const file of readdirSync(join(ROOT, "connectors")).filter((each) =>
    each.endsWith(".yaml"),
  )) {
    const text = readFileSync(join(ROOT, "connectors", file), "utf8");
    const topic = /^ {2}topic: (\S+)/m.exec(text)?.[1];
    if (topic === undefined) continue;
    const { readers, writers } = useOf(topic);
    const into = /^ {2}type: \S+-source/m.test(text) ? writers : readers;
    into.add(`connector ${basename(file, ".yaml")}`);
  }
  const rows = [...uses]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([topic, { writers, readers }]) => [
      code(topic),
      [...writers].toSorted().join(", "),
      [...readers].toSorted().join(", "),
    ]);
  return page(
    madeFrom("`dataflows/*/dataflow.yaml` and `connectors/*.yaml`"),
    "# Topics",
    table(["topic", "written by", "read by"], rows),
    "Records that an operator refuses go to `<topic>-rejected`, with the reason. Shapes: " +
      "[events](events.md), [insights](insights.md).",
  );
}

function folders(name: string): string[] {
  return readdirSync(join(ROOT, name), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((each) => readdirSync(join(ROOT, name, each)).includes("dataflow.yaml"))
    .toSorted();
}

/** Topics listed under `sources:` or `sinks:` of any service. */
function topicsOf(yaml: string, section: "sources" | "sinks"): string[] {
  const found: string[] = [];
  let indent = -1;
  for (const line of yaml.split("\n")) {
    const depth = line.search(/\S/);
    if (depth < 0) continue;
    const opens = new RegExp(`^ +${section}:\\s*$`).test(line);
    if (opens) indent = depth;
    else if (indent >= 0 && depth <= indent && !line.trimStart().startsWith("-")) indent = -1;
    const id = indent < 0 ? undefined : /^ +(?:- )?id: (\S+)/.exec(line)?.[1];
    if (id !== undefined && depth <= indent + 4) found.push(id);
  }
  return found;
}
