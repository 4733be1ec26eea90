/** Counters of one running instance, as the module tells them. */

export interface OperatorStats {
  readonly id: number;
  readonly service: string;
  readonly kind: string;
  readonly name: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly filtered: number;
}

export interface ServiceStats {
  readonly name: string;
  readonly late: number;
  readonly open_windows: number;
  readonly flushed: number;
  readonly watermark: number | null;
  readonly rows: number;
}

export interface EngineStats {
  readonly operators: readonly OperatorStats[];
  readonly services: readonly ServiceStats[];
  readonly memory_bytes: number;
}
