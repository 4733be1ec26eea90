/**
 * Preloaded into processes of the stack: their clock is the machine's plus the milliseconds that
 * the file CHAOS_CLOCK_FILE holds, so that a run can make the clock jump without owning the machine.
 */
import { readFileSync } from "node:fs";

const READ_EVERY_MS = 200;

const file = process.env["CHAOS_CLOCK_FILE"];
const RealDate = globalThis.Date;
let shiftMs = 0;

function readShift(): void {
  try {
    shiftMs = Number(readFileSync(String(file), "utf8")) || 0;
  } catch {
    shiftMs = 0;
  }
}

class JumpingDate extends RealDate {
  // oxlint-disable-next-line typescript/no-explicit-any -- every form of the constructor goes through
  constructor(...given: any[]) {
    // @ts-expect-error -- the overloads of Date take a tuple each
    super(...(given.length === 0 ? [RealDate.now() + shiftMs] : given));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

if (file !== undefined) {
  readShift();
  setInterval(readShift, READ_EVERY_MS).unref();
  globalThis.Date = JumpingDate as DateConstructor;
}
