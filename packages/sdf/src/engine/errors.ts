/** What can go wrong between host and module, apart from a record's own failure. */
export type EngineErrorCode =
  /** The bytes are not a dataflow module, or one for another version of the interface. */
  | "not_a_dataflow"
  /** A snapshot that this module cannot take. */
  | "snapshot_refused"
  /** The module's memory is at its limit: what follows would be lost record by record. */
  | "out_of_memory"
  /** A question that cannot be answered: wrong SQL, or no such table. */
  | "query_refused"
  /** The module broke the interface; its state can no longer be trusted. */
  | "broken_module";

export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EngineError";
    this.code = code;
  }
}
