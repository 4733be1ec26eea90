/** What every dataflow module exports; ABI.md says what each does. */
export interface ModuleExports {
  readonly memory: WebAssembly.Memory;
  readonly __stack_pointer: WebAssembly.Global<"i32">;
  /** Modules of older compilers do not have it. */
  seed?(low: number, high: number): void;
  environment?(length: number): void;
  input(length: number): number;
  process(source: number, length: number, first: number, nowMs: number): number;
  current_record(): number;
  current_operator(): number;
  trap_in_flush(): number;
  partition(source: number, number: number, nowMs: number): void;
  tick(nowMs: number): void;
  finish(): void;
  output_ptr(): number;
  output_len(): number;
  output_clear(): void;
  rejected_ptr(): number;
  rejected_len(): number;
  rejected_clear(): void;
  snapshot(): number;
  snapshot_ptr(): number;
  restore(length: number): number;
  query(service: number, length: number, rowsMax: number): number;
  query_ptr(): number;
  stats(): number;
  stats_ptr(): number;
}
