/** What is done to the stack while it works, decided by a seed. */
import { spawnSync } from "node:child_process";
import { openSync, closeSync, writeSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fluvio } from "@arenaflow/fluvio/client";
import type { Rng } from "@arenaflow/simulation";
import type { SlowLink } from "./slow-link.ts";
import { type Part, PARTS, type StackProcess } from "./stack-process.ts";

const DISK_BYTES = 768 * 1024 * 1024;
const BALLAST_CHUNK_BYTES = 1024 * 1024;
const FULL_DISK_MS = 4000;
const FREEZE_MS = [500, 4000] as const;
const SLOW_CHUNK_MS = [5, 60] as const;
const SLOW_MS = [1000, 5000] as const;
/**
 * Forward by less than a run takes to settle: records that a Fluvio server dates ahead close the
 * windows of its time, and until the clock gets there, later records are late for them.
 */
const CLOCK_JUMPS_MS = [-90_000, -2000, 3000, 45_000, 20_000] as const;
const CLOCK_JUMP_LASTS_MS = 3000;
const FRAME_BYTES_MAX = 4096;
const FRAMES_PER_ATTACK = 20;
const POISON_PER_FAULT = 5;
const PRODUCE_MS_MAX = 4000;

/** Texts that are no events: broken JSON, wrong types, no text at all. */
const POISON: readonly (string | Uint8Array)[] = [
  '{"player_id": ',
  "[]",
  "null",
  '{"player_id":7,"price":"free","server_id":[]}',
  "",
  new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
];

export interface FaultsOptions {
  readonly stack: StackProcess;
  readonly link: SlowLink;
  readonly rng: Rng;
  readonly dataDir: string;
  readonly clockFile: string;
  readonly say: (text: string) => void;
}

type Fault = (faults: Faults) => Promise<string>;

/** Weights: kills are what a run is about; the others come in between. */
const FAULTS: readonly { readonly weight: number; readonly fault: Fault }[] = [
  { weight: 50, fault: (faults) => faults.killOne() },
  { weight: 14, fault: (faults) => faults.killSeveral() },
  { weight: 5, fault: (faults) => faults.killSupervisor() },
  { weight: 6, fault: (faults) => faults.freeze() },
  { weight: 7, fault: (faults) => faults.cutLink() },
  { weight: 4, fault: (faults) => faults.slowLink() },
  { weight: 4, fault: (faults) => faults.fillDisk() },
  { weight: 4, fault: (faults) => faults.jumpClock() },
  { weight: 4, fault: (faults) => faults.restartCarbon() },
  { weight: 3, fault: (faults) => faults.hostileFrames() },
  { weight: 3, fault: (faults) => faults.poison() },
];

export class Faults {
  readonly #options: FaultsOptions;
  readonly #disk: string;
  #diskIsSmall = false;
  kills = 0;
  /** Of each kind, how often. */
  readonly counts = new Map<string, number>();

  constructor(options: FaultsOptions) {
    this.#options = options;
    this.#disk = join(options.dataDir, "fluvio");
  }

  /** Gives the Fluvio server a small disk of its own, where this user may mount one. */
  mountDisk(): boolean {
    mkdirSync(this.#disk, { recursive: true });
    const size = `size=${DISK_BYTES}`;
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", this.#disk]);
    this.#diskIsSmall = mounted.status === 0;
    return this.#diskIsSmall;
  }

  unmountDisk(): void {
    if (this.#diskIsSmall) spawnSync("umount", ["-l", this.#disk]);
  }

  /** One fault, chosen by weight. */
  async next(): Promise<void> {
    const { rng, say } = this.#options;
    const total = FAULTS.reduce((sum, { weight }) => sum + weight, 0);
    let roll = rng.between(0, total);
    for (const { weight, fault } of FAULTS) {
      roll -= weight;
      if (roll > 0) continue;
      const what = await fault(this);
      const kind = what.replace(/:.*/, "");
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
      say(what);
      return;
    }
  }

  async killOne(): Promise<string> {
    const part = this.#options.rng.pick(PARTS);
    return `kill: ${await this.#kill(part)}`;
  }

  /** Two to four parts within a few hundred milliseconds. */
  async killSeveral(): Promise<string> {
    const { rng } = this.#options;
    const count = rng.integer(2, PARTS.length);
    const parts = PARTS.toSorted(() => rng.next() - 0.5).slice(0, count);
    const killed: string[] = [];
    for (const part of parts) {
      killed.push(await this.#kill(part));
      await sleep(rng.integer(0, 300));
    }
    return `kill together: ${killed.join(", ")}`;
  }

  async killSupervisor(): Promise<string> {
    this.kills += 1 + PARTS.length;
    await this.#options.stack.killSupervisor();
    return "kill supervisor: and all its parts with it";
  }

  /** With all that it has read and not yet written; its supervisor starts it again. */
  async restartCarbon(): Promise<string> {
    if (!this.#options.stack.hasGraphite) return "carbon: left out, Graphite is not installed";
    return `carbon: killed ${await this.#kill("graphite")}`;
  }

  async freeze(): Promise<string> {
    const { rng, stack } = this.#options;
    const part = rng.pick(PARTS);
    const ms = rng.integer(...FREEZE_MS);
    const stopped = await stack.signal(part, "SIGSTOP");
    await sleep(ms);
    await stack.signal(part, "SIGCONT");
    return `freeze: ${part} for ${ms} ms${stopped ? "" : " (it was not running)"}`;
  }

  async cutLink(): Promise<string> {
    await sleep(this.#options.rng.integer(0, 100));
    return `cut: ${this.#options.link.cut()} sockets of clients`;
  }

  async slowLink(): Promise<string> {
    const { rng, link } = this.#options;
    const chunkMs = rng.integer(...SLOW_CHUNK_MS);
    const ms = rng.integer(...SLOW_MS);
    link.slow(chunkMs);
    await sleep(ms);
    link.slow(0);
    link.cut();
    return `slow: ${chunkMs} ms per 2 KiB for ${ms} ms, then cut`;
  }

  /** Writes until the Fluvio server's disk has no room left, and frees it after a while. */
  async fillDisk(): Promise<string> {
    if (!this.#diskIsSmall) return "disk: left out, a small disk could not be mounted";
    const file = join(this.#disk, "ballast");
    const chunk = Buffer.alloc(BALLAST_CHUNK_BYTES);
    const handle = openSync(file, "w");
    let bytes = 0;
    try {
      for (;;) bytes += writeSync(handle, chunk);
    } catch {
      // No space left on device.
    } finally {
      closeSync(handle);
    }
    await sleep(FULL_DISK_MS);
    rmSync(file);
    return `disk: full for ${FULL_DISK_MS} ms (${Math.round(bytes / 2 ** 20)} MiB of ballast)`;
  }

  async jumpClock(): Promise<string> {
    const ms = this.#options.rng.pick(CLOCK_JUMPS_MS);
    writeFileSync(this.#options.clockFile, String(ms));
    await sleep(CLOCK_JUMP_LASTS_MS);
    writeFileSync(this.#options.clockFile, "0");
    return `clock: ${ms} ms off for ${CLOCK_JUMP_LASTS_MS} ms`;
  }

  /** Frames that no client sends: random bytes, lengths that lie, a frame cut short. */
  async hostileFrames(): Promise<string> {
    const { rng, stack } = this.#options;
    const port = Number(stack.urls.fluvio.split(":")[1]);
    for (let attack = 0; attack < FRAMES_PER_ATTACK; attack += 1) {
      const bytes = Buffer.from(
        Array.from({ length: rng.integer(1, FRAME_BYTES_MAX) }, () => rng.below(256)),
      );
      if (rng.chance(0.5) && bytes.length >= 4) {
        bytes.writeInt32BE(rng.chance(0.5) ? bytes.length - 4 : rng.integer(-1, 2 ** 31 - 1), 0);
      }
      await new Promise<void>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
        socket.setTimeout(500, () => socket.destroy());
        socket.on("error", () => undefined);
        socket.on("close", () => resolve());
        socket.resume();
      });
    }
    return `hostile frames: ${FRAMES_PER_ATTACK}`;
  }

  async poison(): Promise<string> {
    const { rng, stack } = this.#options;
    const topic = rng.pick(["player-events", "purchases", "server-metrics"] as const);
    try {
      const fluvio = await Fluvio.connect({
        endpoint: stack.urls.fluvio,
        timeoutMs: PRODUCE_MS_MAX,
      });
      const producer = await fluvio.producer(topic, { lingerMs: 0 });
      for (let record = 0; record < POISON_PER_FAULT; record += 1) {
        await producer.send({ value: rng.pick(POISON) });
      }
      await producer.close();
      await fluvio.close();
    } catch (error) {
      return `poison: ${topic} did not take it (${(error as Error).message})`;
    }
    return `poison: ${POISON_PER_FAULT} records into ${topic}`;
  }

  async #kill(part: Part): Promise<string> {
    const killed = await this.#options.stack.signal(part, "SIGKILL");
    if (killed) this.kills += 1;
    return killed ? part : `${part} (was down)`;
  }
}
