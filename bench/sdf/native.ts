/**
 * The same generated crate compiled for this machine: how much of it Wasm leaves. The process reads
 * the records once, then runs a round for every line on its standard input and answers with the
 * nanoseconds of CPU that it took. It does what the engine does for Wasm: it makes the record tables,
 * runs them, and takes the outputs.
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
import { DATAFLOW } from "./module.ts";

/** Of a record in the file: its length and its time. */
const HEAD_BYTES = 12;

/** As the engine does it: tables of so many bytes from records in memory, zeros behind them, and the outputs taken out. */
const MAIN = `
const TABLE_BYTES: usize = 256 * 1024;
const HEADER_BYTES: usize = 24;
const PADDING_BYTES: usize = 64;
#[repr(C)]
struct Time { seconds: i64, ns: i64 }
extern "C" { fn clock_gettime(clock: i32, time: *mut Time) -> i32; }
/// Of this process: CLOCK_PROCESS_CPUTIME_ID.
fn cpu_ns() -> i64 {
    let mut time = Time { seconds: 0, ns: 0 };
    unsafe { clock_gettime(if cfg!(target_os = "macos") { 12 } else { 2 }, &mut time) };
    time.seconds * 1_000_000_000 + time.ns
}
struct Record<'a> { time_ms: f64, value: &'a [u8] }
fn read(all: &[u8]) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let length = u32::from_le_bytes([all[at], all[at + 1], all[at + 2], all[at + 3]]) as usize;
        let mut time = [0; 8];
        time.copy_from_slice(&all[at + 4..at + 12]);
        records.push(Record { time_ms: f64::from_le_bytes(time), value: &all[at + 12..at + 12 + length] });
        at += 12 + length;
    }
    records
}
/// The record table of ABI.md, of as many records as there is room for. Returns its length and how many they are.
fn write_table(table: *mut u8, records: &[Record]) -> (usize, usize) {
    let (mut at, mut count) = (0, 0);
    for record in records {
        let length = record.value.len();
        if at + HEADER_BYTES + length > TABLE_BYTES { break; }
        unsafe {
            let header = table.add(at);
            (header as *mut u32).write_unaligned(u32::MAX);
            (header.add(4) as *mut u32).write_unaligned(length as u32);
            (header.add(8) as *mut f64).write_unaligned(record.time_ms);
            (header.add(16) as *mut u64).write_unaligned(0);
            std::ptr::copy_nonoverlapping(record.value.as_ptr(), header.add(HEADER_BYTES), length);
        }
        at += HEADER_BYTES + length;
        count += 1;
    }
    unsafe { std::ptr::write_bytes(table.add(at), 0, PADDING_BYTES) };
    (at, count)
}
fn main() {
    use std::io::{BufRead, Write};
    let all = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let records = read(&all);
    for _ in std::io::stdin().lock().lines() {
        crate::flow::reset();
        let started = cpu_ns();
        let mut done = 0;
        while done < records.len() {
            let (length, count) = write_table(rt::abi::input(TABLE_BYTES), &records[done..]);
            rt::abi::process(0, length, 0, 0.0);
            done += count;
        }
        rt::abi::finish();
        let outputs = unsafe { std::slice::from_raw_parts(rt::abi::output_ptr(), rt::abi::output_len()) }.to_vec();
        rt::abi::output_clear();
        println!("{} {}", cpu_ns() - started, outputs.len());
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
    const input = join(dir, "records");
    await writeFile(input, encodeRecords(records));
    const child = spawn(program, [input], { stdio: ["pipe", "pipe", "inherit"] });
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

/** Each with its length and its time in front. */
function encodeRecords(records: readonly InputRecord[]): Uint8Array {
  return Buffer.concat(
    records.flatMap(({ timestamp, value }) => {
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt32LE(value.length, 0);
      head.writeDoubleLE(timestamp, 4);
      return [head, value];
    }),
  );
}
