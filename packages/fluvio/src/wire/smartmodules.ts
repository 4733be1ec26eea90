/**
 * The list of SmartModules in Produce and StreamFetch: vec{ u8 wasm (0 string name, 1 vec u8), … }.
 * They are not run here. Reading stops at the first one's name, which is what a refusal needs;
 * fields behind the list are then unread.
 */
import type { Reader } from "./reader.ts";

export interface SmartModuleUse {
  /** Name of the first SmartModule; `ad-hoc` for one that was sent along. */
  readonly name: string;
}

/** @returns `null` when the list is empty, which is what we can serve. */
export function decodeSmartModules(reader: Reader): SmartModuleUse | null {
  const count = reader.count();
  if (count === 0) return null;
  return { name: reader.u8() === 0 ? reader.string() : "ad-hoc" };
}
