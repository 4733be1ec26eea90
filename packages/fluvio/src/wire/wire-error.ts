/** What can be wrong with bytes that claim to be Fluvio's protocol. */
export type WireErrorCode = "truncated" | "too_large" | "invalid" | "unsupported";

/** Bytes that do not follow the protocol. The connection they came on cannot be trusted any more. */
export class WireError extends Error {
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string) {
    super(message);
    this.name = "WireError";
    this.code = code;
  }
}
