/** Logs dropped records with their position, and keeps a flood of them from drowning the log. */
import type { Rejection } from "../engine/index.ts";
import type { Log, LogLine } from "./log.ts";

const LINES_PER_PERIOD_MAX = 20;
const PERIOD_MS = 10_000;

export class RejectionLog {
  readonly #dataflow: string;
  readonly #log: Log;
  #periodStartMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #unsaid = 0;
  #total = 0;

  constructor(dataflow: string, log: Log) {
    this.#dataflow = dataflow;
    this.#log = log;
  }

  /** Records and window results dropped so far. */
  get total(): number {
    return this.#total;
  }

  add(rejections: readonly Rejection[], nowMs: number): void {
    for (const rejection of rejections) {
      this.#total += 1;
      if (nowMs - this.#periodStartMs >= PERIOD_MS) this.#newPeriod(nowMs);
      if (this.#lines >= LINES_PER_PERIOD_MAX) {
        this.#unsaid += 1;
        continue;
      }
      this.#lines += 1;
      this.#log(describe(this.#dataflow, rejection));
    }
  }

  #newPeriod(nowMs: number): void {
    if (this.#unsaid > 0) {
      this.#log({
        level: "warn",
        message: `${this.#unsaid} more records were dropped in the last period without a line each.`,
        fields: { dataflow: this.#dataflow },
      });
    }
    this.#periodStartMs = nowMs;
    this.#lines = 0;
    this.#unsaid = 0;
  }
}

function describe(dataflow: string, rejection: Rejection): LogLine {
  const { topic, partition, offset, operator } = rejection;
  const what =
    offset === undefined ? "A window's result" : `Record ${offset} of ${topic}/${partition}`;
  const where =
    operator === undefined
      ? ""
      : ` by ${operator.service}/${operator.name} (dataflow.yaml:${operator.line})`;
  return {
    level: rejection.panicked ? "error" : "warn",
    message: `${what} was dropped${where}: ${rejection.reason}`,
    fields: {
      dataflow,
      topic,
      ...(partition === undefined ? {} : { partition }),
      ...(offset === undefined ? {} : { offset }),
    },
  };
}
