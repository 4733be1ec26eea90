/** Who may run a dataflow from a folder of checkpoints. */
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Lease, leaseState } from "../../src/node/lease.ts";

const FIRST = "lease-000000000001";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sdf-lease-"));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function heldBy(holder: { host?: string; pid?: number; started?: number }) {
  const self = { host: hostname(), pid: process.ppid, started: 0 };
  await writeFile(join(dir, FIRST), JSON.stringify({ ...self, ...holder }));
}

async function ageLease() {
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(join(dir, FIRST), longAgo, longAgo);
}

describe("a lease", () => {
  test("is one runner's until it is given back, and its number rises", async () => {
    const first = await Lease.take(dir);
    expect(await leaseState(dir)).toBe("held");
    await expect(Lease.take(dir)).rejects.toMatchObject({ code: "checkpoint_in_use" });
    await first.close();
    expect(await leaseState(dir)).toBe("free");
    const second = await Lease.take(dir);
    expect(second.number).toBe(first.number + 1);
    await second.close();
  });

  test("goes to one of several that want it at the same time", async () => {
    const takers = await Promise.allSettled(Array.from({ length: 8 }, () => Lease.take(dir)));
    const taken = takers.flatMap((taker) => (taker.status === "fulfilled" ? [taker.value] : []));
    expect(taken).toHaveLength(1);
    expect(await readdir(dir)).toEqual([FIRST]);
    await taken[0]!.close();
  });

  test.each([
    ["of a living process is held", {}, "held"],
    ["of a process that is gone is void", { pid: 4_194_305 }, "void"],
    ["of an earlier process with this one's number is void", { pid: process.pid }, "void"],
    ["of another machine is held: only its touches tell", { host: "elsewhere", pid: 1 }, "held"],
  ])("%s", async (_name, holder, state) => {
    await heldBy(holder);
    expect(await leaseState(dir)).toBe(state);
  });

  test("that was not touched for a while is void, whoever holds it", async () => {
    await heldBy({ host: "elsewhere" });
    await ageLease();
    expect(await leaseState(dir)).toBe("void");
    const lease = await Lease.take(dir);
    expect(await readdir(dir)).toEqual(["lease-000000000002"]);
    await lease.close();
  });

  test("that another has taken is lost, and stays with that one", async () => {
    const suspended = await Lease.take(dir);
    await ageLease();
    const taker = await Lease.take(dir);
    await expect(suspended.verify()).rejects.toMatchObject({ code: "lease_lost" });
    await expect(suspended.check()).rejects.toMatchObject({ code: "lease_lost" });
    await suspended.close();
    expect(await readFile(join(dir, "lease-000000000002"), "utf8")).not.toBe("");
    await taker.verify();
    await taker.close();
  });
});
