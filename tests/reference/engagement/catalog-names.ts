/** The names that `catalog/` gives, as the model takes them. */
import { readFileSync } from "node:fs";
import type { Names } from "./event.ts";

function read(name: string): Record<string, Record<string, never>[]> {
  const url = new URL(`../../../catalog/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Record<string, Record<string, never>[]>;
}

export function catalogNames(): Names {
  const { levels = [], maps = [] } = read("maps");
  const { servers = [] } = read("servers");
  return {
    levels: new Map(
      levels.map((level) => [
        level["level_id"]!,
        { name: level["name"]!, typicalSeconds: level["typical_seconds"]! },
      ]),
    ),
    maps: new Map(maps.map((map) => [map["map_id"]!, map["name"]!])),
    regions: new Map(servers.map((server) => [server["server_id"]!, server["region"]!])),
  };
}
