/** Which cluster to talk to, and endpoints as `host:port`. */
import type { Address } from "./connection.ts";
import { FluvioError } from "./fluvio-error.ts";
import { readActiveProfile, type Profile, type TlsOptions } from "./profile.ts";

const PORT_DEFAULT = 9003;

/** Reads `host:port`, `host`, or `[ipv6]:port`. */
export function parseEndpoint(endpoint: string): Address {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:/\s]+))(?::(?<port>\d{1,5}))?$/.exec(endpoint);
  const { v6, host = v6, port = String(PORT_DEFAULT) } = match?.groups ?? {};
  if (host === undefined || Number(port) > 65535) {
    throw new FluvioError("InvalidArgument", `"${endpoint}" is no endpoint; write host:port`);
  }
  return { host, port: Number(port) };
}

/**
 * The endpoint given, else `FLUVIO_ENDPOINT`, else the active profile.
 * @throws FluvioError `InvalidArgument` when there is none of them
 */
export async function chooseEndpoint(given: {
  readonly endpoint?: string;
  readonly tls?: TlsOptions;
}): Promise<Profile> {
  const endpoint = given.endpoint ?? process.env["FLUVIO_ENDPOINT"];
  if (endpoint !== undefined && endpoint !== "") return { endpoint, tls: given.tls };
  const profile = await readActiveProfile();
  if (profile !== undefined) return { ...profile, tls: given.tls ?? profile.tls };
  const hint = "Give an endpoint, set FLUVIO_ENDPOINT=host:port, or create a Fluvio profile.";
  throw new FluvioError("InvalidArgument", `no Fluvio cluster is named. ${hint}`);
}
