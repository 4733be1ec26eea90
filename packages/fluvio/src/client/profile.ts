/**
 * The active profile of Fluvio's own tools, from their config file (`~/.fluvio/config`, or where
 * `FLV_PROFILE_PATH` says): the cluster's endpoint, and TLS when the cluster asks for it.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { FluvioError } from "./fluvio-error.ts";
import { parseToml, type TomlTable } from "./toml.ts";

export interface TlsOptions {
  /** Name the SC's certificate is for; an SPU's is `<spu key>.<domain>`. */
  readonly domain: string;
  /** PEM. Absent: the server's certificate is not checked (Fluvio's "anonymous" policy). */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface Profile {
  readonly endpoint: string;
  readonly tls: TlsOptions | undefined;
}

/**
 * Reads the active profile.
 * @returns `undefined` when there is no config file
 * @throws FluvioError `InvalidArgument` when it cannot be understood
 */
export async function readActiveProfile(
  path = process.env["FLV_PROFILE_PATH"] ?? join(homedir(), ".fluvio", "config"),
): Promise<Profile | undefined> {
  const content = await readFile(path, "utf8").catch(() => undefined);
  if (content === undefined) return undefined;
  try {
    return await profileOf(parseToml(content));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = "Give an endpoint instead, or repair it with `fluvio profile`.";
    throw new FluvioError("InvalidArgument", `${path}: ${reason}. ${hint}`, { cause: error });
  }
}

async function profileOf(config: TomlTable): Promise<Profile> {
  const name = text(config, "current_profile");
  const profile = table(table(config, "profile"), name);
  const cluster = table(table(config, "cluster"), text(profile, "cluster"));
  const endpoint = text(cluster, Object.hasOwn(cluster, "addr") ? "addr" : "endpoint");
  const hasTls = Object.hasOwn(cluster, "tls");
  return { endpoint, tls: hasTls ? await tlsOf(table(cluster, "tls")) : undefined };
}

async function tlsOf(tls: TomlTable): Promise<TlsOptions | undefined> {
  const policy = text(tls, "tls_policy");
  switch (policy) {
    case "disabled":
    case "disable":
      return undefined;
    case "anonymous":
      return { domain: "localhost" };
    case "verified":
    case "verify": {
      const certs = table(tls, "certs");
      const isInline = text(tls, "tls_source") === "inline";
      const pem = async (key: string): Promise<string> =>
        isInline ? text(certs, key) : readFile(text(certs, key), "utf8");
      const [ca, cert, key] = [await pem("ca_cert"), await pem("cert"), await pem("key")];
      return { domain: text(certs, "domain"), ca, cert, key };
    }
    default:
      throw new Error(`tls_policy "${policy}" is not known`);
  }
}

function text(from: TomlTable, key: string): string {
  const value = from[key];
  if (typeof value !== "string") throw new Error(`"${key}" is missing or is not a text`);
  return value;
}

function table(from: TomlTable, key: string): TomlTable {
  const value = from[key];
  if (typeof value !== "object") throw new Error(`there is no table "${key}"`);
  return value;
}
