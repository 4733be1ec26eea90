/** The game that this Worker simulates: the project's catalog and its default scenario. */
import items from "../../../catalog/items.json" with { type: "json" };
import maps from "../../../catalog/maps.json" with { type: "json" };
import servers from "../../../catalog/servers.json" with { type: "json" };
import defaultScenario from "../../../scenarios/default.json" with { type: "json" };
import { parseCatalog, parseScenario } from "./simulation/index.ts";

export const catalog = parseCatalog({ maps, items, servers });
export const scenario = parseScenario(defaultScenario);
