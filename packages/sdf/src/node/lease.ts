/**
 * Keeps two runners off one checkpoint folder: each would count every record, and the later
 * checkpoint would hide the earlier one's. The folder holds one lease, a file that names its holder
 * and is touched while that one runs. A lease that was given back, whose process is gone, or that
 * was not touched for a while may be taken: the taker makes the file with the next number, which
 * only one can do. The numbers rise for ever; a holder that was only suspended finds the higher one
 * before it writes anything more, and ends.
 *
 * The folder may be on a disk that several machines share; their clocks have to agree to seconds.
 */
import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { RunnerError } from "./runner-error.ts";

const NAME = /^lease-(\d{12})$/;
const TOUCH_MS = 1_000;
/** Not touched for so long, a lease is void. Several touches: a busy machine is no reason. */
export const LEASE_VOID_MS = 10_000;
/** A holder that could not touch its lease for so long looks before it writes. */
const SURE_MS = 3_000;
/** Two readings of one process's start may differ by so much. */
const START_SLACK_MS = 2_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process began, epoch milliseconds: numbers of processes come again. */
  readonly started: number;
}

/** `held` by a runner that lives; `free`: given back, or there was none; `void`: its holder is gone. */
export type LeaseState = "held" | "free" | "void";

export class Lease {
  readonly #dir: string;
  readonly #number: number;
  readonly #touching: NodeJS.Timeout;
  #sureMs = performance.now();
  #isLost = false;

  /** Rises with every holder of the folder. */
  get number(): number {
    return this.#number;
  }

  private constructor(dir: string, number: number) {
    this.#dir = dir;
    this.#number = number;
    this.#touching = setInterval(() => void this.#touch(), TOUCH_MS);
    this.#touching.unref();
  }

  /**
   * Takes the lease of a folder, which is created when missing.
   * @throws RunnerError `checkpoint_in_use` when a living runner holds it
   */
  static async take(dir: string): Promise<Lease> {
    await mkdir(dir, { recursive: true });
    const { state, number, holder } = await look(dir);
    if (state === "held") throw inUse(dir, holder);
    await makeOnce(join(dir, nameOf(number + 1)), JSON.stringify(thisProcess())).catch(
      (cause: NodeJS.ErrnoException) => {
        throw cause.code === "EEXIST" ? inUse(dir, undefined) : cause;
      },
    );
    for (const old of await numbers(dir)) {
      if (old <= number) await rm(join(dir, nameOf(old)), { force: true });
    }
    return new Lease(dir, number + 1);
  }

  /**
   * Makes sure that nobody has taken the lease. It looks only when it could not touch it lately.
   * @throws RunnerError `lease_lost`
   */
  async check(): Promise<void> {
    if (!this.#isLost && performance.now() - this.#sureMs < SURE_MS) return;
    await this.verify();
  }

  /** As `check`, but always looks. */
  async verify(): Promise<void> {
    const askedMs = performance.now();
    const [newest] = await numbers(this.#dir);
    this.#isLost ||= newest !== this.#number;
    if (this.#isLost) {
      throw new RunnerError(
        "lease_lost",
        `Another process runs the dataflow from ${this.#dir} now: this one had not been heard of for ${LEASE_VOID_MS / 1000} s. It has ended without writing anything more.`,
      );
    }
    this.#sureMs = askedMs;
  }

  async #touch(): Promise<void> {
    const now = new Date();
    try {
      await utimes(join(this.#dir, nameOf(this.#number)), now, now);
      await this.verify();
    } catch {
      // Whoever writes next finds out; a folder that was removed shows at the next checkpoint.
    }
  }

  /** Gives the lease back. */
  async close(): Promise<void> {
    clearInterval(this.#touching);
    const [newest] = await numbers(this.#dir).catch(() => []);
    if (newest === this.#number) await writeFile(join(this.#dir, nameOf(newest)), "");
  }
}

/** Makes a file with its content in one step; fails when there is one. */
async function makeOnce(file: string, text: string): Promise<void> {
  const temporary = `${file}-${randomUUID()}`;
  await writeFile(temporary, text);
  try {
    await link(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Who has the lease of a folder. */
export async function leaseState(dir: string): Promise<LeaseState> {
  return (await look(dir)).state;
}

async function look(
  dir: string,
): Promise<{ state: LeaseState; number: number; holder: Holder | undefined }> {
  const [number = 0] = await numbers(dir).catch(() => []);
  if (number === 0) return { state: "free", number, holder: undefined };
  const file = join(dir, nameOf(number));
  const text = await readFile(file, "utf8").catch(() => "");
  const isFresh = await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs < LEASE_VOID_MS,
    () => false,
  );
  const holder = readHolder(text);
  if (holder === undefined) return { state: "free", number, holder };
  return { state: isFresh && isAlive(holder) ? "held" : "void", number, holder };
}

function readHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

function thisProcess(): Holder {
  const started = Math.round(Date.now() - process.uptime() * 1000);
  return { host: hostname(), pid: process.pid, started };
}

function isAlive({ host, pid, started }: Holder): boolean {
  const self = thisProcess();
  // Of another machine only its touches tell.
  if (host !== self.host) return true;
  if (pid === self.pid) return Math.abs(started - self.started) < START_SLACK_MS;
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers so, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function inUse(dir: string, holder: Holder | undefined): RunnerError {
  const who = holder === undefined ? "another process" : `process ${holder.pid} of ${holder.host}`;
  return new RunnerError(
    "checkpoint_in_use",
    `${dir} is in use by ${who}. Stop that one, or choose another checkpoint folder.`,
  );
}

/** Numbers of the leases in a folder, the newest first. */
async function numbers(dir: string): Promise<number[]> {
  const names = await readdir(dir);
  const found = names.flatMap((name) => {
    const match = NAME.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
  return found.toSorted((a, b) => b - a);
}

function nameOf(number: number): string {
  return `lease-${String(number).padStart(12, "0")}`;
}
