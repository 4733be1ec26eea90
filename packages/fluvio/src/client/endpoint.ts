/** Endpoints as `host:port`. */
import type { Address } from "./connection.ts";
import { FluvioError } from "./fluvio-error.ts";

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
