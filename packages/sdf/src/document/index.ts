/** dataflow.yaml as a checked value. */
import { checkDataflow } from "./check.ts";
import type { Dataflow } from "./ir.ts";
import type { Problem } from "./problem.ts";
import { Reader, type Entry } from "./reader.ts";
import { readImports, type ReadFile } from "./read-packages.ts";
import { readSchedules } from "./read-schedules.ts";
import { readServices } from "./read-services.ts";
import { readConfig, readTopics } from "./read-topics.ts";
import { checkSql } from "./sql/check-sql.ts";
import { Types } from "./read-types.ts";

export type * from "./ir.ts";
export type { ReadFile } from "./read-packages.ts";
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

export interface ParseOptions {
  /** How problems call the file. */
  readonly file: string;
  /** For packages: a file by its path from the dataflow's directory. */
  readonly readFile?: ReadFile;
}

export type ParseResult =
  | { readonly dataflow: Dataflow }
  | { readonly problems: readonly Problem[] };

/** Reads and checks a dataflow. With any problem there is no dataflow; problems come in the order of the file. */
export function parseDataflow(
  text: string,
  { file, readFile = noFiles }: ParseOptions,
): ParseResult {
  const reader = new Reader(text, file);
  if (reader.problems.length === 0) {
    const dataflow = readDataflow(reader, readFile);
    if (reader.problems.length === 0) checkDataflow(reader, dataflow);
    if (reader.problems.length === 0) checkSql(reader, dataflow);
    if (reader.problems.length === 0) return { dataflow };
  }
  const problems = reader.problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return { problems };
}

function noFiles(): undefined {
  return undefined;
}

function readDataflow(reader: Reader, readFile: ReadFile): Dataflow {
  const top = reader.fields(reader.root, "the dataflow", TOP, SECTIONS);
  const apiVersion = reader.string(top.apiVersion, "apiVersion", TOP);
  if (apiVersion !== undefined && !API_VERSIONS.includes(apiVersion)) {
    const at = reader.place(top.apiVersion?.value ?? null, TOP);
    reader.report(at, `unknown apiVersion "${apiVersion}"`, `known: ${API_VERSIONS.join(", ")}`);
  }
  const meta = reader.fields(top.meta?.value ?? null, "meta", TOP, [
    "name",
    "version",
    "namespace",
  ]);
  const metaAt = top.meta?.at ?? TOP;
  const name = reader.string(meta.name, "meta.name", metaAt);
  const config = readConfig(reader, top.config);
  const types = new Types(reader);
  const sections = { imports: top.imports, dev: top.dev };
  reader.imported = readImports(reader, sections, types, { readFile }).functions;
  types.readSection(top.types);
  const ofDataflow = { name: name ?? "", apiVersion: apiVersion ?? "" };
  const topics = [
    ...readTopics(reader, top.topics, types, config),
    ...readSchedules(reader, top.schedule, ofDataflow),
  ];
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
