/** The one error class of the client. */
import { describeError, type ErrorCode, type ErrorName } from "../wire/error-code.ts";

/** What went wrong: Fluvio's own codes, and the client's. */
export type FluvioErrorCode =
  | ErrorName
  /** No connection could be made within the time given. */
  | "Unreachable"
  /** The connection ended while an answer was awaited. */
  | "ConnectionClosed"
  /** No answer within the time given. */
  | "Timeout"
  /** The client, producer or consumer was closed. */
  | "Closed"
  /** More sends wait for room than `waitingSendsMax`. */
  | "BufferFull"
  /** An argument that cannot be right. */
  | "InvalidArgument"
  /** The other side does not follow the protocol, or speaks none of our versions. */
  | "Protocol";

/** Errors that another attempt, later or elsewhere, may not meet. */
const RETRIABLE: ReadonlySet<FluvioErrorCode> = new Set<FluvioErrorCode>([
  "Unreachable",
  "ConnectionClosed",
  "Timeout",
  "NotLeader",
  "PartitionNotLeader",
  "PartitionPendingInitialization",
  "TopicPendingInitialization",
  "TopicNotProvisioned",
  "RequestTimedOut",
  "SpuOffline",
  "SpuNotFound",
  "StorageError",
]);

export class FluvioError extends Error {
  readonly code: FluvioErrorCode;

  constructor(code: FluvioErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "FluvioError";
    this.code = code;
  }

  get isRetriable(): boolean {
    return RETRIABLE.has(this.code);
  }
}

/** The error a server answered, as what it means for `subject`. */
export function serverError(
  error: ErrorCode,
  subject: string,
  message?: string | null,
): FluvioError {
  return new FluvioError(error.name, `${subject}: ${message ?? describeError(error)}`);
}

/** Any thrown value as a FluvioError. */
export function toFluvioError(error: unknown): FluvioError {
  if (error instanceof FluvioError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FluvioError("Protocol", message, { cause: error });
}
