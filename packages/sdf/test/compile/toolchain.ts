/** Whether this machine can build dataflows; CI must. */
import { findRustc } from "../../src/compile/index.ts";

/** A build takes seconds; on a busy machine, more. */
export const BUILD_TIMEOUT_MS = 240_000;

export const haveRustc =
  process.env["CI"] === "true" ||
  (await findRustc().then(
    () => true,
    () => false,
  ));
