import { readFile, writeFile } from "node:fs/promises";
import { connect as connectTcp, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Fluvio, readActiveProfile } from "../../src/client/index.ts";
import { parseToml } from "../../src/client/toml.ts";
import { startStack, take, temporaryDir, textOf } from "../support/stack.ts";

const CERT = new URL("../fixtures/tls-cert.pem", import.meta.url);
const KEY = new URL("../fixtures/tls-key.pem", import.meta.url);

async function configFile(text: string): Promise<string> {
  const path = join(await temporaryDir(), "config");
  await writeFile(path, text);
  return path;
}

afterEach(() => vi.unstubAllEnvs());

describe("a TOML file", () => {
  test("has tables, dotted and quoted keys, texts over several lines", () => {
    const parsed = parseToml(`
      # comment
      version = "2.0"
      [profile."my cluster"] # another
      cluster = 'a\\b'
      deep.er = true
      [x.y]
      pem = """
one
two
"""
      count = 1_000`);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual({
      version: "2.0",
      profile: { "my cluster": { cluster: "a\\b", deep: { er: true } } },
      x: { y: { pem: "one\ntwo\n", count: 1000 } },
    });
  });

  test.each(["a", "a = ", "[t]\na = [1]", 'a = "x"\na.b = "y"', 'a = """x'])(
    "that is damaged (%s) is refused with its line",
    (text) => {
      expect(() => parseToml(text)).toThrow(/^line \d+: expected/);
    },
  );
});

describe("the active profile", () => {
  test("names the cluster that is connected to", async () => {
    const stack = await startStack();
    const path = await configFile(`version = "2.0"
      current_profile = "local"
      [profile.local]
      cluster = "here"
      [cluster.here]
      endpoint = "${stack.endpoint}"
      [cluster.here.tls]
      tls_policy = "disabled"`);
    vi.stubEnv("FLV_PROFILE_PATH", path);
    vi.stubEnv("FLUVIO_ENDPOINT", undefined);
    const fluvio = await Fluvio.connect();
    expect(await fluvio.admin.listTopics()).toEqual([]);
    await fluvio.close();
  });

  test("gives way to FLUVIO_ENDPOINT", async () => {
    const stack = await startStack();
    vi.stubEnv("FLV_PROFILE_PATH", await configFile("not toml"));
    vi.stubEnv("FLUVIO_ENDPOINT", stack.endpoint);
    await (await Fluvio.connect()).close();
  });

  test("that is missing or damaged is said to be", async () => {
    vi.stubEnv("FLUVIO_ENDPOINT", undefined);
    vi.stubEnv("FLV_PROFILE_PATH", "/nowhere/config");
    await expect(Fluvio.connect()).rejects.toThrow("no Fluvio cluster is named");
    const path = await configFile('current_profile = "gone"');
    await expect(readActiveProfile(path)).rejects.toThrow('there is no table "profile"');
  });

  test("reads certificates inline or from files", async () => {
    const inline = await configFile(`current_profile = "p"
      profile.p.cluster = "c"
      [cluster.c]
      addr = "cloud:9003"
      [cluster.c.tls]
      tls_policy = "verified"
      tls_source = "inline"
      [cluster.c.tls.certs]
      domain = "cloud"
      key = "K"
      cert = "C"
      ca_cert = "A"`);
    expect(await readActiveProfile(inline)).toEqual({
      endpoint: "cloud:9003",
      tls: { domain: "cloud", key: "K", cert: "C", ca: "A" },
    });
  });
});

describe("TLS", () => {
  test("carries everything, and a server that is not the named one is refused", async () => {
    const [cert, key] = [await readFile(CERT, "utf8"), await readFile(KEY, "utf8")];
    const names: string[] = [];
    const SNICallback = (name: string, done: (error: null) => void): void => {
      names.push(name);
      done(null);
    };
    const front = createServer({ cert, key, SNICallback }, (socket) => {
      const behind = connectTcp(stack.server.port, "127.0.0.1");
      socket.on("error", () => behind.destroy());
      behind.on("error", () => socket.destroy());
      socket.pipe(behind).pipe(socket);
    });
    front.listen(0, "127.0.0.1");
    onTestFinished(() => void front.close());
    await once(front, "listening");
    const { port } = front.address() as AddressInfo;
    const stack = await startStack({ advertisedPort: port });
    const endpoint = `127.0.0.1:${port}`;
    const fluvio = await Fluvio.connect({ endpoint, tls: { domain: "fluvio.test", ca: cert } });
    onTestFinished(() => fluvio.close());
    await fluvio.admin.createTopic("t");
    await (await fluvio.producer("t")).send({ value: "secret" });
    const consumer = await fluvio.consumer("t", { start: "beginning" });
    expect(textOf((await take(consumer, 1))[0]!.value)).toBe("secret");
    expect(new Set(names)).toEqual(new Set(["fluvio.test", "custom-spu-5001.fluvio.test"]));

    const other = Fluvio.connect({ endpoint, tls: { domain: "other.test", ca: cert } });
    await expect(other).rejects.toMatchObject({ code: "Unreachable" });
    const plain = Fluvio.connect({ endpoint, timeoutMs: 300 });
    await expect(plain).rejects.toMatchObject({ code: "Unreachable" });
    const unchecked = await Fluvio.connect({ endpoint, tls: { domain: "localhost" } });
    await unchecked.close();
  });
});
