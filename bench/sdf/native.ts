/**
 * The same generated crate compiled for this machine: how much of it Wasm leaves. The process reads
 * the record tables once, then runs a round for every line on its standard input and answers with the
 * nanoseconds of CPU that it took.
 */
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { InputRecord } from "@arenaflow/sdf/engine";
import { findRustc, ToolchainError } from "@arenaflow/sdf/compile";
import { parseDataflow } from "@arenaflow/sdf/document";
// The benchmark looks at the compiler's inside, which nobody else has to.
import { generateCrate } from "../../packages/sdf/src/compile/generate.ts";
import { writeTable } from "../../packages/sdf/src/engine/record-table.ts";
import { DATAFLOW } from "./module.ts";

/** As the engine makes them. */
const TABLE_BYTES = 256 * 1024;

const MAIN = `
#[repr(C)]
struct Time { seconds: i64, ns: i64 }
extern "C" { fn clock_gettime(clock: i32, time: *mut Time) -> i32; }
/// Of this process: CLOCK_PROCESS_CPUTIME_ID.
fn cpu_ns() -> i64 {
    let mut time = Time { seconds: 0, ns: 0 };
    unsafe { clock_gettime(if cfg!(target_os = "macos") { 12 } else { 2 }, &mut time) };
    time.seconds * 1_000_000_000 + time.ns
}
fn main() {
    use std::io::{BufRead, Write};
    let all = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let mut tables: Vec<&[u8]> = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let length = u32::from_le_bytes([all[at], all[at + 1], all[at + 2], all[at + 3]]) as usize;
        tables.push(&all[at + 4..at + 4 + length]);
        at += 4 + length;
    }
    for _ in std::io::stdin().lock().lines() {
        crate::flow::reset();
        let started = cpu_ns();
        let mut bytes = 0;
        for table in &tables {
            let buffer = rt::abi::input(table.len());
            unsafe { std::ptr::copy_nonoverlapping(table.as_ptr(), buffer, table.len()) };
            rt::abi::process(0, table.len(), 0, 0.0);
            bytes += rt::abi::output_len();
            rt::abi::output_clear();
        }
        rt::abi::finish();
        bytes += rt::abi::output_len();
        rt::abi::output_clear();
        println!("{} {}", cpu_ns() - started, bytes);
        std::io::stdout().flush().unwrap();
    }
}
`;

export interface Native {
  /** One round over all records. @returns seconds */
  round(): Promise<number>;
  close(): Promise<void>;
}

/** @returns `undefined` without rustc */
export async function startNative(records: readonly InputRecord[]): Promise<Native | undefined> {
  const dir = await mkdtemp(join(tmpdir(), "bench-sdf-"));
  try {
    const program = await compile(dir);
    const tables = join(dir, "tables");
    await writeFile(tables, encodeTables(records));
    const child = spawn(program, [tables], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      round: async () => {
        child.stdin.write("round\n");
        const line = await lines.next();
        return Number(String(line.value).split(" ")[0]) / 1e9;
      },
      close: async () => {
        child.stdin.end();
        await rm(dir, { recursive: true, force: true });
      },
    };
  } catch (cause) {
    await rm(dir, { recursive: true, force: true });
    if (cause instanceof ToolchainError) return undefined;
    throw cause;
  }
}

async function compile(dir: string): Promise<string> {
  const text = await readFile(join(DATAFLOW, "dataflow.yaml"), "utf8");
  const parsed = parseDataflow(text, { file: "dataflow.yaml" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  const { rustc } = await findRustc();
  for (const [path, file] of generateCrate(parsed.dataflow).files) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), path === "lib.rs" ? file + MAIN : file);
  }
  const program = join(dir, "native");
  const flags = ["-Copt-level=3", "-Ccodegen-units=1", "-Cpanic=abort", "-Ctarget-cpu=native"];
  const args = ["lib.rs", "--crate-type=bin", "--edition=2021", ...flags, `-o${program}`];
  await promisify(execFile)(rustc, args, { cwd: dir });
  return program;
}

function encodeTables(records: readonly InputRecord[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < records.length;) {
    const part = new Uint8Array(4 + TABLE_BYTES);
    const room = { at: 4, end: part.length };
    const { end, to } = writeTable(part, { records, partition: 0 }, from, room);
    new DataView(part.buffer).setUint32(0, end - room.at, true);
    parts.push(part.subarray(0, end));
    from = to;
  }
  return Buffer.concat(parts);
}
