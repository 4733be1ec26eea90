/** dataflow.yaml as a checked value. */
import { checkDataflow } from "./check.ts";
import type { Dataflow } from "./ir.ts";
import type { Problem } from "./problem.ts";
import { Reader, type Entry } from "./reader.ts";
import { readServices } from "./read-services.ts";
import { readConfig, readTopics } from "./read-topics.ts";
import { Types } from "./read-types.ts";

export type * from "./ir.ts";
export { formatProblem, type Problem } from "./problem.ts";

const SECTIONS = [
  "apiVersion",
  "meta",
  "imports",
  "config",
  "types",
  "topics",
  "services",
  "dev",
  "schedule",
] as const;
const API_VERSIONS = ["0.4.0", "0.5.0", "0.6.0"];
const TOP = { line: 1, column: 1 };

export type ParseResult =
  | { readonly dataflow: Dataflow }
  | { readonly problems: readonly Problem[] };

/** Reads and checks a dataflow. With any problem there is no dataflow; problems come in the order of the file. */
export function parseDataflow(text: string, { file }: { file: string }): ParseResult {
  const reader = new Reader(text, file);
  if (reader.problems.length === 0) {
    const dataflow = readDataflow(reader);
    if (reader.problems.length === 0) checkDataflow(reader, dataflow);
    if (reader.problems.length === 0) return { dataflow };
  }
  const problems = reader.problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return { problems };
}

function readDataflow(reader: Reader): Dataflow {
  const top = reader.fields(reader.root, "the dataflow", TOP, SECTIONS);
  const apiVersion = reader.string(top.apiVersion, "apiVersion", TOP);
  if (apiVersion !== undefined && !API_VERSIONS.includes(apiVersion)) {
    const at = reader.place(top.apiVersion?.value ?? null, TOP);
    reader.report(at, `unknown apiVersion "${apiVersion}"`, `known: ${API_VERSIONS.join(", ")}`);
  }
  for (const section of [top.imports, top.schedule])
    if (section !== undefined) reader.report(section.at, `${section.key} are not supported yet`);
  const meta = reader.fields(top.meta?.value ?? null, "meta", TOP, [
    "name",
    "version",
    "namespace",
  ]);
  const metaAt = top.meta?.at ?? TOP;
  const name = reader.string(meta.name, "meta.name", metaAt);
  const config = readConfig(reader, top.config);
  const types = new Types(reader);
  types.readSection(top.types);
  const topics = readTopics(reader, top.topics, types, config);
  const services = readServices(reader, required(reader, top.services, "services"), types);
  types.check();
  return {
    file: reader.file,
    apiVersion: apiVersion ?? "",
    name: name ?? "",
    namespace: reader.optionalString(meta.namespace, "namespace") ?? "",
    version: reader.optionalString(meta.version, "version") ?? "0.0.0",
    types: [...types.definitions.values()],
    topics,
    services,
  };
}

function required(reader: Reader, entry: Entry | undefined, name: string): Entry | undefined {
  return entry ?? reader.report(TOP, `there are no ${name}`);
}
