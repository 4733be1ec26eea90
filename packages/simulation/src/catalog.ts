/** What the game consists of: levels on maps, items with prices, servers. Read from `catalog/`. */
import { InvalidInput, JsonReader } from "./json-reader.ts";
import { MAP_SIDE } from "./text.ts";

export interface GameMap {
  readonly mapId: string;
  readonly name: string;
  /** Added to the difficulty of every level played here. */
  readonly difficultyBonus: number;
  /** Where players gather when they cannot get on. */
  readonly bottleneck: { readonly x: number; readonly y: number };
}

export interface Level {
  readonly levelId: string;
  readonly name: string;
  /** 0: everyone completes it; 1: hardly anyone does. */
  readonly difficulty: number;
  readonly typicalSeconds: number;
  readonly mapIds: readonly string[];
}

export interface Item {
  readonly itemId: string;
  readonly name: string;
  /** Price in major units by currency. */
  readonly prices: ReadonlyMap<string, number>;
}

export interface GameServer {
  readonly serverId: string;
  readonly region: string;
  readonly serverType: string;
  readonly capacityPlayers: number;
  readonly baseLatencyMs: number;
}

export interface Catalog {
  readonly maps: readonly GameMap[];
  readonly levels: readonly Level[];
  readonly items: readonly Item[];
  readonly servers: readonly GameServer[];
}

/** Most entries of one catalog list; events and timers address them with small integers. */
const ENTRIES_MAX = 10_000;
const SERVERS_MAX = 1000;
const PRICE_RANGE = { min: 0.01, max: 1_000_000 };
const SHARE = { min: 0, max: 1 };

/**
 * Reads the catalog's documents.
 * @throws InvalidInput naming the field that is wrong
 */
export function parseCatalog(files: { maps: unknown; items: unknown; servers: unknown }): Catalog {
  const mapFile = new JsonReader(files.maps, "maps.json");
  const maps = mapFile.objects("maps", ENTRIES_MAX, readMap);
  const levels = mapFile.objects("levels", ENTRIES_MAX, readLevel);
  mapFile.done();
  const items = new JsonReader(files.items, "items.json").objects("items", ENTRIES_MAX, readItem);
  const serverFile = new JsonReader(files.servers, "servers.json");
  const servers = serverFile.objects("servers", SERVERS_MAX, readServer);
  for (const level of levels) {
    for (const mapId of level.mapIds) {
      if (maps.some((map) => map.mapId === mapId)) continue;
      throw new InvalidInput({
        code: "invalid_value",
        field: `maps.json.levels.${level.levelId}.maps`,
        expected: "a list of maps that the file describes",
        value: mapId,
      });
    }
  }
  return { maps, levels, items, servers };
}

function readMap(reader: JsonReader): GameMap {
  const side = { min: MAP_SIDE, max: MAP_SIDE };
  const map = {
    mapId: reader.text("map_id"),
    name: reader.text("name"),
    difficultyBonus: reader.number("difficulty_bonus", SHARE),
    bottleneck: readPoint(reader.object("bottleneck")),
  };
  reader.text("biome");
  reader.integer("width", side);
  reader.integer("height", side);
  return map;
}

function readPoint(reader: JsonReader): { x: number; y: number } {
  const range = { min: 0, max: MAP_SIDE - 1 };
  const point = { x: reader.integer("x", range), y: reader.integer("y", range) };
  reader.done();
  return point;
}

function readLevel(reader: JsonReader): Level {
  return {
    levelId: reader.text("level_id"),
    name: reader.text("name"),
    difficulty: reader.number("difficulty", SHARE),
    typicalSeconds: reader.number("typical_seconds", { min: 1, max: 3600 }),
    mapIds: reader.texts("maps", ENTRIES_MAX),
  };
}

function readItem(reader: JsonReader): Item {
  const item = {
    itemId: reader.text("item_id"),
    name: reader.text("name"),
    prices: reader.numbers("prices", PRICE_RANGE),
  };
  reader.text("category");
  reader.text("rarity");
  return item;
}

function readServer(reader: JsonReader): GameServer {
  return {
    serverId: reader.text("server_id"),
    region: reader.text("region"),
    serverType: reader.text("server_type"),
    capacityPlayers: reader.integer("capacity_players", { min: 1, max: 1_000_000 }),
    baseLatencyMs: reader.number("base_latency_ms", { min: 1, max: 1000 }),
  };
}
