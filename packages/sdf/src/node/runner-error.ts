/** Why a dataflow cannot start or go on. */
export type RunnerErrorCode =
  /** dataflow.yaml or dataflow.wasm is missing or unreadable. */
  | "no_dataflow"
  /** Every checkpoint is damaged, or one belongs to something else. */
  | "checkpoint_refused"
  /** Another runner holds the checkpoint folder. */
  | "checkpoint_in_use"
  /** Another process took over, because this one had not been heard of. */
  | "lease_lost"
  /** Fluvio did not answer in time. */
  | "fluvio_unreachable"
  /** It was closed, or could not go on. */
  | "not_running"
  /** The consumer of a source topic ended by itself. */
  | "source_lost"
  /** The port for looking into it is taken. */
  | "port_in_use"
  /** dataflow.test.yaml cannot be understood. */
  | "invalid_test";

export class RunnerError extends Error {
  readonly code: RunnerErrorCode;

  constructor(code: RunnerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RunnerError";
    this.code = code;
  }
}
