/** What a browser says when it opens the live WebSocket: it can set no header but the subprotocol. */
export const LIVE_PROTOCOL = "arenaflow.v1";
const KEY_PREFIX = "bearer.";

/** The key among the offered subprotocols, `arenaflow.v1, bearer.<key>`. */
export function keyOfProtocols(header: string | undefined): string | undefined {
  const offered = (header ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(LIVE_PROTOCOL)) return undefined;
  const key = offered.find((name) => name.startsWith(KEY_PREFIX))?.slice(KEY_PREFIX.length);
  return key === "" ? undefined : key;
}
