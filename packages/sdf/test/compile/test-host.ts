/** The smallest host of a module, for tests of the compiler: it feeds records and collects what comes out. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildText, findRustc } from "../../src/compile/index.ts";
import { generateCrate } from "../../src/compile/generate.ts";
import { formatProblem, parseDataflow, type ReadFile } from "../../src/document/index.ts";

const HEADER_BYTES = 24;
const NO_KEY = 0xffffffff;

export interface TestRecord {
  readonly value: string | Uint8Array;
  readonly key?: string;
  readonly time?: number;
  readonly partition?: number;
}

export interface Output {
  readonly topic: string;
  readonly time: number;
  readonly key: string | null;
  readonly value: unknown;
}

export interface Rejected {
  readonly record: number;
  readonly operator: number;
  readonly reason: string;
}

type Exports = Record<string, (...args: number[]) => number>;

/** Builds, or takes the module of an equal crate from an earlier run. */
export async function buildModule(
  yaml: string,
  readFile: ReadFile = () => undefined,
): Promise<WebAssembly.Module> {
  const parsed = parseDataflow(yaml, { file: "dataflow.yaml", readFile });
  if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  const { version } = await findRustc();
  const text = generateCrate(parsed.dataflow).hash + version;
  const dir = join(tmpdir(), "arenaflow-sdf-test-modules");
  const file = join(dir, `${createHash("sha256").update(text).digest("hex").slice(0, 24)}.wasm`);
  if (!existsSync(file)) {
    const result = await buildText(yaml, { release: false, readFile });
    if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
    mkdirSync(dir, { recursive: true });
    const part = `${file}.${process.pid}`;
    writeFileSync(part, result.wasm);
    renameSync(part, file);
  }
  return new WebAssembly.Module(readFileSync(file));
}

export class TestHost {
  readonly logs: string[] = [];
  readonly panics: string[] = [];
  readonly plan: {
    sources: { topic: string }[];
    sinks: { topic: string }[];
    operators: { name: string }[];
    env: string[];
  };
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  readonly #stack: WebAssembly.Global;
  readonly #stackTop: number;

  constructor(module: WebAssembly.Module) {
    const text = (pointer: number, length: number) =>
      Buffer.from(this.#bytes(pointer, length)).toString();
    const { exports } = new WebAssembly.Instance(module, {
      env: {
        log: (_level: number, pointer: number, length: number) =>
          this.logs.push(text(pointer, length)),
        panic: (pointer: number, length: number) => this.panics.push(text(pointer, length)),
      },
    });
    const section = WebAssembly.Module.customSections(module, "sdf.plan")[0];
    this.plan = JSON.parse(
      Buffer.from(section ?? new ArrayBuffer(0)).toString(),
    ) as TestHost["plan"];
    this.#memory = exports["memory"] as WebAssembly.Memory;
    this.#stack = exports["__stack_pointer"] as WebAssembly.Global;
    this.#stackTop = this.#stack.value as number;
    this.#exports = exports as unknown as Exports;
  }

  #call(name: string, ...args: number[]): number {
    const run = this.#exports[name];
    if (run === undefined) throw new Error(`no export ${name}`);
    return run(...args);
  }

  #bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, pointer, length).slice();
  }

  #write(data: Uint8Array): void {
    // The call may grow the memory, so the view comes after it.
    const pointer = this.#call("input", data.length);
    new Uint8Array(this.#memory.buffer, pointer, data.length).set(data);
  }

  seed(low: number, high: number): void {
    this.#call("seed", low, high);
  }

  environment(variables: Readonly<Record<string, string>>): void {
    const texts = Object.entries(variables).map(([name, value]) => `${name}=${value}\0`);
    const data = Buffer.from(texts.join(""));
    this.#write(data);
    this.#call("environment", data.length);
  }

  /** Feeds records of a topic; traps are survived as ABI.md says. */
  send(topic: string, records: readonly TestRecord[], now = 0): Output[] {
    const source = this.plan.sources.findIndex((candidate) => candidate.topic === topic);
    const table = encodeTable(records);
    this.#write(table);
    let first = 0;
    for (;;) {
      try {
        this.#call("process", source, table.length, first, now);
        return this.drain();
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        this.#stack.value = this.#stackTop;
        first = this.#call("current_record") + 1;
      }
    }
  }

  /** JSON records of one topic, each with its time. */
  sendJson(
    topic: string,
    records: readonly (readonly [time: number, value: unknown])[],
    now = 0,
  ): Output[] {
    return this.send(
      topic,
      records.map(([time, value]) => ({ time, value: JSON.stringify(value) })),
      now,
    );
  }

  #guarded(name: string, ...args: number[]): Output[] {
    for (;;) {
      try {
        this.#call(name, ...args);
        return this.drain();
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        this.#stack.value = this.#stackTop;
      }
    }
  }

  tick(now: number): Output[] {
    return this.#guarded("tick", now);
  }

  finish(): Output[] {
    return this.#guarded("finish");
  }

  drain(): Output[] {
    const data = Buffer.from(this.#bytes(this.#call("output_ptr"), this.#call("output_len")));
    this.#call("output_clear");
    const outputs: Output[] = [];
    for (let at = 0; at < data.length;) {
      const keyLength = data.readUInt32LE(at);
      const from = at + HEADER_BYTES + (keyLength === NO_KEY ? 0 : keyLength);
      const end = from + data.readUInt32LE(at + 4);
      const value = data.toString("utf8", from, end);
      outputs.push({
        topic: this.plan.sinks[data.readUInt32LE(at + 20)]?.topic ?? "",
        time: data.readDoubleLE(at + 8),
        key: keyLength === NO_KEY ? null : data.toString("utf8", at + HEADER_BYTES, from),
        value: parse(value),
      });
      at = end;
    }
    return outputs;
  }

  rejected(): Rejected[] {
    const data = Buffer.from(this.#bytes(this.#call("rejected_ptr"), this.#call("rejected_len")));
    this.#call("rejected_clear");
    const found: Rejected[] = [];
    for (let at = 0; at < data.length;) {
      const end = at + 16 + data.readUInt32LE(at + 12);
      const [record, operator] = [data.readUInt32LE(at + 4), data.readUInt32LE(at + 8)];
      found.push({ record, operator, reason: data.toString("utf8", at + 16, end) });
      at = end;
    }
    return found;
  }

  /** @throws what the module says of a query that it refuses */
  query(service: number, text: string): { columns: string[]; rows: unknown[][] } {
    const data = Buffer.from(text);
    this.#write(data);
    const length = this.#call("query", service, data.length, 10_000);
    const answer = JSON.parse(
      Buffer.from(this.#bytes(this.#call("query_ptr"), length)).toString(),
    ) as { columns: string[]; rows: unknown[][]; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return { columns: answer.columns, rows: answer.rows };
  }

  snapshot(): Uint8Array {
    const length = this.#call("snapshot");
    return this.#bytes(this.#call("snapshot_ptr"), length);
  }

  restore(data: Uint8Array): number {
    this.#write(data);
    return this.#call("restore", data.length);
  }

  stats(): {
    operators: {
      name: string;
      kind: string;
      succeeded: number;
      failed: number;
      filtered: number;
    }[];
    services: {
      name: string;
      late: number;
      open_windows: number;
      flushed: number;
      watermark: number | null;
      rows: number;
    }[];
  } {
    const length = this.#call("stats");
    return JSON.parse(
      Buffer.from(this.#bytes(this.#call("stats_ptr"), length)).toString(),
    ) as ReturnType<TestHost["stats"]>;
  }
}

function encodeTable(records: readonly TestRecord[]): Uint8Array {
  return Buffer.concat(
    records.flatMap(({ key, value, time = 0, partition = 0 }) => {
      const [keyBytes, valueBytes] = [Buffer.from(key ?? ""), Buffer.from(value)];
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32LE(key === undefined ? NO_KEY : keyBytes.length, 0);
      header.writeUInt32LE(valueBytes.length, 4);
      header.writeDoubleLE(time, 8);
      header.writeUInt32LE(partition, 16);
      return [header, keyBytes, valueBytes];
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
