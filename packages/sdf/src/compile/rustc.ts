/** Runs rustc on a crate and turns its messages into problems of dataflow.yaml. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Problem } from "../document/problem.ts";
import type { Toolchain } from "./toolchain.ts";

const OUTPUT = "dataflow.wasm";
/** Twenty seconds on a machine with nothing else to do. */
const COMPILE_TIMEOUT_MS = 900_000;
const STACK_BYTES = 1 << 20;
/** More would hide the first ones. */
const PROBLEMS_MAX = 20;
const LINKER_TEXT_MAX = 400;

/** Part of what makes a module, so part of its hash. */
export const RUSTC_FLAGS: readonly string[] = [
  "--crate-name=dataflow",
  "--crate-type=cdylib",
  "--edition=2021",
  "--target=wasm32-unknown-unknown",
  "-Cpanic=abort",
  "-Cdebuginfo=0",
  "-Cstrip=symbols",
  // The host puts the stack pointer back after a trap. Old versions of rustc do not have the feature by default.
  "-Ctarget-feature=+mutable-globals,+simd128,+bulk-memory",
  "-Clink-arg=--export=__stack_pointer",
  `-Clink-arg=-zstack-size=${STACK_BYTES}`,
];

export interface CompileOptions {
  readonly toolchain: Toolchain;
  readonly release: boolean;
  /** Only says what is wrong: the module is empty. Takes a second where compiling takes twenty. */
  readonly checkOnly?: boolean;
  /** How problems call dataflow.yaml, and other files. */
  readonly file: string;
  readonly names: ReadonlyMap<string, string>;
}

export type CompileResult =
  | { readonly wasm: Uint8Array }
  | {
      readonly problems: readonly Problem[];
      /** False when rustc or the linker failed at something else than the code. */
      readonly inCode: boolean;
    };

/** Compiles the files of a crate in a directory of its own, which is removed afterwards. */
export async function compileCrate(
  files: ReadonlyMap<string, string>,
  options: CompileOptions,
): Promise<CompileResult> {
  const dir = await mkdtemp(join(tmpdir(), "arenaflow-sdf-"));
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    const { code, messages } = await run(options.toolchain.rustc, argumentsFor(options), dir);
    if (code === 0) return { wasm: await readFile(join(dir, OUTPUT)) };
    return {
      problems: problemsOf(messages, options),
      inCode: messages.includes('"level":"error"'),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function argumentsFor({ toolchain, release, checkOnly }: CompileOptions): string[] {
  return [
    "lib.rs",
    ...RUSTC_FLAGS,
    `-Copt-level=${release ? 3 : 1}`,
    // With the standard library in it: operators allocate and copy texts all the time.
    ...(release ? ["-Ccodegen-units=1", "-Clto=fat"] : []),
    ...(toolchain.linker === undefined ? [] : [`-Clinker=${toolchain.linker}`]),
    "--error-format=json",
    ...(checkOnly === true ? ["--emit=metadata"] : []),
    `-o${OUTPUT}`,
  ];
}

function run(
  rustc: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; messages: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(rustc, args, {
      cwd,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: COMPILE_TIMEOUT_MS,
    });
    const chunks: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 1, messages: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

interface Span {
  readonly file_name: string;
  readonly line_start: number;
  readonly column_start: number;
  readonly is_primary: boolean;
  readonly label: string | null;
}

interface Message {
  readonly message: string;
  readonly level: string;
  readonly code: { readonly code: string } | null;
  readonly spans: readonly Span[];
  readonly children: readonly { readonly message: string; readonly level: string }[];
}

function problemsOf(output: string, options: CompileOptions): Problem[] {
  const { file } = options;
  const problems: Problem[] = [];
  const other: string[] = [];
  for (const line of output.split("\n")) {
    const message = parseMessage(line);
    if (message === undefined) {
      if (line.trim() !== "") other.push(line);
    } else if (message.level === "error" && !message.message.startsWith("aborting due to")) {
      problems.push(problemOf(message, options));
    }
  }
  if (problems.length === 0)
    problems.push({
      file,
      line: 1,
      column: 1,
      message: `rustc failed: ${other.join(" ").slice(0, 2000)}`,
    });
  return problems.slice(0, PROBLEMS_MAX);
}

function parseMessage(line: string): Message | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}

function problemOf(message: Message, { file, names }: CompileOptions): Problem {
  const spans = message.spans.toSorted((a, b) => Number(b.is_primary) - Number(a.is_primary));
  const span = spans.find((candidate) => candidate.file_name.startsWith("ops/"));
  const label = span?.label === null || span?.label === undefined ? "" : `: ${span.label}`;
  const code = message.code === null ? "" : ` [${message.code.code}]`;
  const help = message.children.find((child) => child.level === "help")?.message;
  const elsewhere = spans[0];
  let place = "";
  if (span === undefined && elsewhere !== undefined)
    place = ` (in generated code, ${elsewhere.file_name}:${elsewhere.line_start}: ${elsewhere.label ?? ""})`;
  // The linker's own words stand at the end of a long command line.
  else if (span === undefined)
    place = `: ${message.children.at(-1)?.message.slice(-LINKER_TEXT_MAX) ?? ""}`;
  const base = {
    file: names.get(span?.file_name ?? "") ?? file,
    line: span?.line_start ?? 1,
    column: span?.column_start ?? 1,
    message: `${message.message}${label}${code}${place}`,
  };
  return help === undefined ? base : { ...base, hint: help };
}
