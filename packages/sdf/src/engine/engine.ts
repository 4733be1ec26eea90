/**
 * One running instance of a dataflow's module. It feeds records, brings the module back after a
 * trap, and collects what came out. It has no clock, no timers and no I/O: the caller says what
 * time it is, keeps offsets, and owns the acknowledgement of every record. ABI.md is the interface.
 *
 * Every call is synchronous, so between two calls state and offsets agree: that is where a
 * checkpoint is taken.
 */
import { EngineError } from "./errors.ts";
import type { ModuleExports } from "./module-exports.ts";
import { type Plan, type PlanOperator, readPlan } from "./plan.ts";
import {
  type InputRecord,
  type OutputRecord,
  type RejectedEntry,
  readOutputTable,
  readRejectedTable,
  tableBytes,
  writeTable,
} from "./record-table.ts";
import type { EngineStats } from "./stats.ts";

/** One table given to the module: thousands of records, far above the 16 from which its speed is flat. After a trap the rest is written again. */
const TABLE_BYTES = 256 * 1024;
/** Zeros behind a table: readers look ahead. */
const PADDING_BYTES = 64;
/** Close to the 4 GiB that a module can address; a trap above it is taken for a failed allocation. */
const MEMORY_BYTES_FULL = 4 * 1024 * 1024 * 1024 - 16 * 1024 * 1024;
/** Traps of one `tick` or `finish`: each removes a window, so that many windows have failed. */
const TRAPS_PER_TICK_MAX = 10_000;
/** Rows of one answer, unless the question says otherwise. */
const QUERY_ROWS_MAX = 1_000;
const QUERY_BYTES_MAX = 16 * 1024;
const NO_OPERATOR = 0xffff_ffff;
/** Level of what operators print; lower ones are warnings and errors. */
const LOG_INFO = 2;

export interface EngineOptions {
  /** What operators print. Must not throw. Rejections are not logged: see `takeRejections`. */
  readonly log?: (message: string) => void;
  /** Environment variables for operators. */
  readonly env?: Readonly<Record<string, string>>;
  /** 64 random bits for the hashes of keys, so that nobody can choose keys that collide. Results do not depend on them. */
  readonly seed?: readonly [low: number, high: number];
}

export interface InputBatch {
  /** Index in the plan's sources. */
  readonly source: number;
  readonly partition: number;
  /** The number under which the module keeps the watermark, when that is not the partition's. */
  readonly watermark?: number;
  readonly records: readonly InputRecord[];
}

export interface Query {
  /** Name of the service whose states are asked about. */
  readonly service: string;
  readonly sql: string;
  /** Default 1,000. */
  readonly rowsMax?: number;
}

export interface QueryAnswer {
  readonly columns: readonly string[];
  /** Integers beyond 2^53 are texts. */
  readonly rows: readonly (readonly QueryValue[])[];
  /** All rows of the answer; `rows` may hold fewer. */
  readonly count: number;
}

export type QueryValue = string | number | boolean | null;

/** A record, or a window's result, that was dropped. */
export interface Rejection {
  readonly topic: string;
  readonly partition: number | undefined;
  /** `undefined` when no record but a window's flush failed. */
  readonly offset: number | undefined;
  readonly operator: PlanOperator | undefined;
  /** The record itself; its bytes are the caller's own, as they were given to `process`. */
  readonly record: InputRecord | undefined;
  readonly reason: string;
  /** True when the operator panicked rather than returned an error. */
  readonly panicked: boolean;
}

const SNAPSHOT_REFUSALS: Readonly<Record<number, string>> = {
  1: "it is not a snapshot",
  2: "its states or windows have other shapes than this dataflow's",
  3: "it is damaged",
};

export class DataflowEngine {
  readonly plan: Plan;
  readonly #exports: ModuleExports;
  readonly #stackTop: number;
  readonly #decoder = new TextDecoder();
  readonly #log: (message: string) => void;
  #panicMessage: string | undefined;
  #rejections: Rejection[] = [];

  /**
   * Starts an instance with empty state.
   * @throws EngineError `not_a_dataflow` when the module is something else
   */
  constructor(module: WebAssembly.Module, options: EngineOptions = {}) {
    this.plan = readPlan(module);
    this.#log = options.log ?? (() => {});
    const instance = new WebAssembly.Instance(module, {
      env: {
        log: (level: number, at: number, length: number) => this.#onLog(level, at, length),
        panic: (at: number, length: number) => {
          this.#panicMessage = this.#text(at, length);
        },
      },
    });
    this.#exports = instance.exports as unknown as ModuleExports;
    this.#stackTop = this.#exports.__stack_pointer.value;
    if (options.seed !== undefined) this.#exports.seed?.(...options.seed);
    if (options.env !== undefined) this.#setEnvironment(options.env);
  }

  #setEnvironment(env: Readonly<Record<string, string>>): void {
    const variables = Object.entries(env);
    if (variables.length === 0) return;
    if (this.#exports.environment === undefined) {
      throw new EngineError(
        "not_a_dataflow",
        `The module of dataflow ${this.plan.name} takes no environment variables: it was built by an older compiler. Build it again with \`npm run build\`.`,
      );
    }
    const texts = variables.map(([name, value]) => `${name}=${value.replaceAll("\0", "")}\0`);
    this.#exports.environment(this.#writeInput(new TextEncoder().encode(texts.join(""))));
  }

  /** @returns the number of bytes now in the input buffer */
  #writeInput(bytes: Uint8Array): number {
    const at = this.#exports.input(bytes.length) >>> 0;
    this.#memory().set(bytes, at);
    return bytes.length;
  }

  /**
   * Says which partitions a source has. Where a service has idleness its windows wait for the first
   * record of each, or until it is idle; otherwise a partition that is read first would close
   * windows over the records of the others. Say it before the first `process`, also after `restore`.
   */
  declarePartitions(source: number, partitions: Iterable<number>, nowMs: number): void {
    for (const partition of partitions) this.#exports.partition(source, partition, nowMs);
  }

  /**
   * Runs records of one partition, in their order. A record that an operator panics on is dropped
   * and the rest goes on.
   * @param nowMs processing time, epoch milliseconds; must not go back
   * @throws EngineError when the instance can no longer be used
   */
  process(batch: InputBatch, nowMs: number): void {
    for (let from = 0; from < batch.records.length;) {
      from = this.#processTable(batch, from, nowMs);
    }
  }

  /** @returns the index of the first record that has not been processed */
  #processTable(batch: InputBatch, from: number, nowMs: number): number {
    const { records, partition, source } = batch;
    // The first one has to fit, however long it is.
    const room = Math.max(TABLE_BYTES, tableBytes(records[from] as InputRecord));
    const at = this.#exports.input(room) >>> 0;
    const memory = this.#memory();
    const { end, to } = writeTable(memory, batch, from, { at, end: at + room });
    memory.fill(0, end, end + PADDING_BYTES);
    let next = to;
    let panic: Rejection | undefined;
    try {
      this.#exports.process(source, end - at, 0, nowMs);
    } catch (cause) {
      this.#recover(cause);
      const poison = from + (this.#exports.current_record() >>> 0);
      if (poison >= to) throw this.#broken("trapped outside of the records it was given", cause);
      const record = this.#exports.trap_in_flush() === 0 ? records[poison] : undefined;
      panic = {
        topic: this.#topic(source),
        partition: record === undefined ? undefined : partition,
        offset: record?.offset,
        record,
        ...this.#trapDetails(cause),
      };
      // The rest goes in as a table of its own: a trap may have left marks in this one.
      next = poison + 1;
    }
    for (const entry of this.#takeRejectedEntries()) this.#rejectEntry(entry, batch, from);
    if (panic !== undefined) this.#rejections.push(panic);
    return next;
  }

  /**
   * Lets processing time pass: partitions become idle, windows close, old rows expire.
   * Call it only when nothing waits to be processed, or partitions not yet read look idle.
   */
  tick(nowMs: number): void {
    this.#untilNoTrap(() => this.#exports.tick(nowMs));
  }

  /** Closes every open window, for runs that have an end. Their late records are dropped afterwards. */
  finish(): void {
    this.#untilNoTrap(() => this.#exports.finish());
  }

  #untilNoTrap(call: () => void): void {
    for (let traps = 0; traps < TRAPS_PER_TICK_MAX; traps += 1) {
      try {
        call();
        for (const entry of this.#takeRejectedEntries()) this.#rejectEntry(entry, undefined, 0);
        return;
      } catch (cause) {
        this.#recover(cause);
        this.#rejections.push({
          topic: this.#topic(0),
          partition: undefined,
          offset: undefined,
          record: undefined,
          ...this.#trapDetails(cause),
        });
      }
    }
    throw this.#broken(`failed ${TRAPS_PER_TICK_MAX} times while closing windows`, undefined);
  }

  /** Takes what came out since the last call, in order. */
  drain(): OutputRecord[] {
    const length = this.#exports.output_len() >>> 0;
    if (length === 0) return [];
    const bytes = this.#copy(this.#exports.output_ptr(), length);
    this.#exports.output_clear();
    return readOutputTable(bytes);
  }

  /** Takes what was dropped since the last call. */
  takeRejections(): Rejection[] {
    const taken = this.#rejections;
    this.#rejections = [];
    return taken;
  }

  /** State, open windows and watermarks as bytes that `restore` takes. */
  snapshot(): Uint8Array<ArrayBuffer> {
    const length = this.#exports.snapshot() >>> 0;
    return this.#copy(this.#exports.snapshot_ptr(), length);
  }

  /**
   * Puts a snapshot in place of the instance's state.
   * @throws EngineError `snapshot_refused`; the instance is empty then
   */
  restore(snapshot: Uint8Array): void {
    const code = this.#exports.restore(this.#writeInput(snapshot)) >>> 0;
    if (code === 0) return;
    throw new EngineError(
      "snapshot_refused",
      `Dataflow ${this.plan.name} cannot take the snapshot: ${SNAPSHOT_REFUSALS[code] ?? `code ${code}`}.`,
    );
  }

  /**
   * Runs SQL over the states that a service reaches. Of a service with windows these are the states
   * of its newest open window. Nothing changes by it.
   * @throws EngineError `query_refused` with the reason
   */
  query({ service, sql, rowsMax = QUERY_ROWS_MAX }: Query): QueryAnswer {
    const index = this.plan.services.findIndex(({ name }) => name === service);
    const text = new TextEncoder().encode(sql);
    if (text.length > QUERY_BYTES_MAX) {
      throw new EngineError("query_refused", `The query has more than ${QUERY_BYTES_MAX} bytes.`);
    }
    this.#writeInput(text);
    let answer: QueryAnswer | { readonly error: string };
    try {
      const length = this.#exports.query(index, text.length, rowsMax) >>> 0;
      const json = this.#text(this.#exports.query_ptr(), length);
      answer = JSON.parse(json, keepLargeIntegers) as QueryAnswer | { readonly error: string };
    } catch (cause) {
      this.#recover(cause);
      answer = { error: `the query failed: ${this.#trapDetails(cause).reason}` };
    }
    if ("error" in answer) throw new EngineError("query_refused", answer.error);
    return answer;
  }

  /** Counters per operator and service since the instance was started. */
  stats(): EngineStats {
    const length = this.#exports.stats() >>> 0;
    return JSON.parse(this.#text(this.#exports.stats_ptr(), length)) as EngineStats;
  }

  /** Makes the instance usable after a trap; any other error is the host's own and goes on up. */
  #recover(cause: unknown): void {
    // A RangeError is the JavaScript stack's end: recursion without end in an operator.
    const trapped = cause instanceof WebAssembly.RuntimeError || cause instanceof RangeError;
    if (!trapped) throw cause;
    this.#exports.__stack_pointer.value = this.#stackTop;
    if (this.#panicMessage === undefined && this.#memory().length >= MEMORY_BYTES_FULL) {
      throw new EngineError(
        "out_of_memory",
        `Dataflow ${this.plan.name} has used all memory a module can have (4 GiB). Give its states a ttl, or shorter windows, and start it again from its checkpoint.`,
        { cause },
      );
    }
  }

  #broken(what: string, cause: unknown): EngineError {
    const message = `Dataflow ${this.plan.name} ${what}. Restart it from its checkpoint.`;
    return new EngineError("broken_module", message, { cause });
  }

  #trapDetails(cause: unknown): {
    operator: PlanOperator | undefined;
    reason: string;
    panicked: true;
  } {
    const reason = this.#panicMessage ?? String(cause);
    this.#panicMessage = undefined;
    const id = this.#exports.current_operator() >>> 0;
    const operator = id === NO_OPERATOR ? undefined : this.plan.operators[id];
    return { operator, reason, panicked: true };
  }

  #takeRejectedEntries(): RejectedEntry[] {
    const length = this.#exports.rejected_len() >>> 0;
    if (length === 0) return [];
    const bytes = this.#copy(this.#exports.rejected_ptr(), length);
    this.#exports.rejected_clear();
    return readRejectedTable(bytes);
  }

  #rejectEntry(entry: RejectedEntry, batch: InputBatch | undefined, from: number): void {
    const record = entry.index === undefined ? undefined : batch?.records[from + entry.index];
    this.#rejections.push({
      topic: this.#topic(entry.source),
      partition: record === undefined ? undefined : batch?.partition,
      offset: record?.offset,
      record,
      operator: entry.operator === undefined ? undefined : this.plan.operators[entry.operator],
      reason: entry.reason,
      panicked: false,
    });
  }

  #topic(source: number): string {
    return this.plan.sources[source]?.topic ?? `source ${source}`;
  }

  #onLog(level: number, at: number, length: number): void {
    // Errors and warnings are about what was dropped; `takeRejections` has those with their offsets.
    if (level >= LOG_INFO) this.#log(this.#text(at, length));
  }

  /** The module's memory now: any call may have moved it. */
  #memory(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#exports.memory.buffer);
  }

  #copy(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    const start = pointer >>> 0;
    return this.#memory().slice(start, start + length);
  }

  #text(pointer: number, length: number): string {
    const start = pointer >>> 0;
    return this.#decoder.decode(this.#memory().subarray(start, start + (length >>> 0)));
  }
}

/** Integers that a number cannot hold become texts. */
function keepLargeIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  const lossy =
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  return lossy && source !== undefined && /^-?\d+$/.test(source) ? source : value;
}
