/**
 * graphite-sink: writes every record as a line `<metric-path> <value> <now>` to carbon's plaintext
 * port. The value is not escaped, so that a record may hold several lines with times of their own.
 *
 * Differences from the real connector, which exits when carbon goes away and loses what it wrote
 * last:
 * - it connects again, and writes again everything of the last `resend` (60 s; ours): carbon gives
 *   no acknowledgement and keeps points in memory before they reach the disk, and the same name and
 *   time overwrite, so that writing twice changes nothing;
 * - a record's position counts as done only when carbon has read it (see carbon-connection.ts) and
 *   `resend` has passed, so the same holds when this process is killed;
 * - lines that carbon would drop, or close the connection for, are left out, counted and reported;
 *   a value that is not UTF-8 is skipped and counted;
 * - with `report-path` (ours) it writes what it has done as series of its own.
 */
import { isUtf8 } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "../log.ts";
import { exponentialBackoff } from "./backoff.ts";
import { CarbonConnection } from "./carbon-connection.ts";
import type { ConnectorTools } from "./counters.ts";
import { lineFault, lineTime } from "./graphite-line.ts";
import type { GraphiteSinkSettings } from "./settings.ts";

const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 10_000;
/** A connection is closed and opened anew so often, to learn that carbon has read what was written. */
const CONNECTION_MS_MAX = 30_000;
/** Of records kept to be written again. More than this and the oldest are let go. */
const RECENT_BYTES_MAX = 64 * 1024 * 1024;
/** When stopped, how long a carbon that does not read may still keep the record in hand. */
const STOP_GRACE_MS = 500;
const REPORT_EVERY_MS = 10_000;
/** Of a line that is left out, for the log. */
const LINE_CHARS_LOGGED = 200;

/** A record that has been written and may have to be written again. */
interface Written {
  readonly text: string;
  readonly atMs: number;
  /** Carbon has read it. */
  isRead: boolean;
  readonly settled: () => void;
}

export class GraphiteSink {
  readonly #settings: GraphiteSinkSettings;
  readonly #tools: ConnectorTools;
  readonly #nowMs: () => number;
  readonly #recent: Written[] = [];
  #recentBytes = 0;
  #connection: CarbonConnection | undefined;
  #connectedAtMs = 0;
  /** What was written may be lost: it has to be written again. */
  #isLost = false;
  /** One writes at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #lines = 0;
  #resent = 0;
  #newestS = 0;
  #reportedAtMs = 0;

  constructor(settings: GraphiteSinkSettings, tools: ConnectorTools, nowMs: () => number) {
    this.#settings = settings;
    this.#tools = tools;
    this.#nowMs = nowMs;
    tools.signal.addEventListener("abort", () => {
      setTimeout(() => this.#connection?.drop(), STOP_GRACE_MS).unref();
    });
  }

  /**
   * Writes one record, however often it takes.
   * @param settled called once the record need never be written again
   * @returns false only when the connector was stopped before the record was written
   */
  deliver(value: Uint8Array, settled: () => void): Promise<boolean> {
    const lines = this.#linesOf(value);
    const text = lines.map((line) => `${line}\n`).join("");
    return this.#inTurn(async () => {
      const isWritten = await this.#untilDone(async (connection) => await connection.write(text));
      if (!isWritten) return false;
      this.#tools.counters.records += 1;
      this.#lines += lines.length;
      for (const line of lines.slice(0, -1)) {
        this.#newestS = Math.max(this.#newestS, lineTime(line) ?? 0);
      }
      this.#recent.push({ text, atMs: this.#nowMs(), isRead: false, settled });
      this.#recentBytes += text.length;
      this.#settle();
      await this.#report();
      return true;
    });
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** The record as carbon is to get it, without the lines that it would drop. */
  #linesOf(value: Uint8Array): string[] {
    const { counters, log } = this.#tools;
    if (!isUtf8(value)) {
      counters.refused += 1;
      log("warn", "a record is not UTF-8 text; it is skipped");
      return [];
    }
    const text = Buffer.from(value).toString("utf8");
    const whole = `${this.#settings.metricPath} ${text} ${Math.floor(this.#nowMs() / 1000)}`;
    const faults: string[] = [];
    const lines = whole.split("\n").filter((line) => {
      const fault = lineFault(line);
      if (fault !== undefined) faults.push(`${fault}: ${line.slice(0, LINE_CHARS_LOGGED)}`);
      return fault === undefined;
    });
    if (faults.length > 0) {
      counters.refused += faults.length;
      const more = faults.length > 1 ? `, and ${faults.length - 1} more like it` : "";
      log("warn", `left out a line that carbon would drop${more}: ${faults[0]}`);
    }
    return lines;
  }

  /** Repeats an action on a connection until it goes well. @returns false when stopped before */
  async #untilDone(action: (connection: CarbonConnection) => Promise<void>): Promise<boolean> {
    const { counters, signal, log, onHealth } = this.#tools;
    const backoff = exponentialBackoff(BACKOFF_MIN_MS, BACKOFF_MAX_MS);
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        await action(await this.#connected());
        onHealth(true);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        this.#isLost = true;
        counters.retries += 1;
        onHealth(false);
        log(tries === 1 ? "warn" : "debug", `${describeError(error)}; trying again`);
        await sleep(backoff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }

  /** A connection on which everything recent has been written. */
  async #connected(): Promise<CarbonConnection> {
    if (this.#connection !== undefined) {
      const isOld = this.#nowMs() - this.#connectedAtMs >= CONNECTION_MS_MAX;
      if (!isOld && this.#connection.isUsable) return this.#connection;
      if (await this.#connection.farewell()) for (const each of this.#recent) each.isRead = true;
      else this.#isLost = true;
      this.#connection = undefined;
    }
    const connection = await CarbonConnection.open(this.#settings, () => this.#repair(connection));
    if (this.#isLost && this.#recent.length > 0) {
      for (const each of this.#recent) await connection.write(each.text);
      this.#resent += this.#recent.length;
      const seconds = Math.ceil(this.#settings.resendMs / 1000);
      const what = `${this.#recent.length} records of the last ${seconds} s`;
      this.#tools.log("info", `connected to carbon again; wrote ${what} once more`);
    }
    this.#isLost = false;
    this.#connection = connection;
    this.#connectedAtMs = this.#nowMs();
    return connection;
  }

  /** Carbon has gone while nothing was being written: what it had in memory may be lost. */
  #repair(connection: CarbonConnection): void {
    if (this.#tools.signal.aborted || connection !== this.#connection) return;
    this.#isLost = true;
    void this.#inTurn(() => this.#untilDone(() => Promise.resolve()));
  }

  #settle(): void {
    const horizonMs = this.#nowMs() - this.#settings.resendMs;
    for (let first = this.#recent[0]; first !== undefined; first = this.#recent[0]) {
      const isSafe = first.isRead && first.atMs <= horizonMs;
      if (!isSafe && this.#recentBytes <= RECENT_BYTES_MAX) return;
      if (!isSafe) this.#tools.log("warn", "too much to keep: a record can no longer be repeated");
      this.#recent.shift();
      this.#recentBytes -= first.text.length;
      first.settled();
    }
  }

  /** What this connector has done since its start, as series of its own. */
  async #report(): Promise<void> {
    const { reportPath } = this.#settings;
    const nowMs = this.#nowMs();
    if (reportPath === undefined || nowMs - this.#reportedAtMs < REPORT_EVERY_MS) return;
    this.#reportedAtMs = nowMs;
    const { refused, retries } = this.#tools.counters;
    const nowS = Math.floor(nowMs / 1000);
    const lag = this.#newestS === 0 ? 0 : Math.max(0, nowS - this.#newestS);
    const values = {
      lines: this.#lines,
      refused,
      retries,
      resent: this.#resent,
      lag_seconds: lag,
    };
    const text = Object.entries(values).map(([name, n]) => `${reportPath}.${name} ${n} ${nowS}\n`);
    await this.#connection?.write(text.join("")).catch(() => undefined);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
