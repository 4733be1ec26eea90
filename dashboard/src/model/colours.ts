/**
 * The same colour for the same thing, on every chart and across reloads. An id prefers the slot
 * of its number ("level_03" the third), or else the one its name hashes to; those that matter most
 * never share one.
 */
import { byName } from "./names.ts";

/** Slots of the palette: more than eight hues cannot be told apart, least of all colour-blind. */
export const COLOUR_SLOTS = 8;

/** Steps from the first to the last colour, for things in an order. */
export const COLOUR_STEPS = 24;

/** Slot by id, for one kind of thing (items, levels, servers). */
export type ColourBook = ReadonlyMap<string, number>;

/**
 * Gives each of the leading ids a slot of its own. Ids keep theirs; only when all are taken does
 * one that no longer leads give its slot away.
 * @param leading ids by importance, most important first
 */
export function assignColours(book: ColourBook, leading: readonly string[]): ColourBook {
  const wanted = leading.slice(0, COLOUR_SLOTS);
  const missing = wanted.filter((id) => !book.has(id));
  if (missing.length === 0) return book;
  const next = new Map(book);
  for (const id of missing) {
    if (next.size >= COLOUR_SLOTS) {
      const loser = [...next.keys()].find((known) => !wanted.includes(known));
      if (loser === undefined) break;
      const slot = next.get(loser) ?? 0;
      next.delete(loser);
      next.set(id, slot);
      continue;
    }
    const taken = new Set(next.values());
    let slot = preferredSlot(id);
    while (taken.has(slot)) slot = (slot + 1) % COLOUR_SLOTS;
    next.set(id, slot);
  }
  return next;
}

/**
 * Spreads things with an order over the steps, first to last. They keep their colours as long as
 * no other one of them turns up.
 * @param present ids by importance; beyond the number of steps the least important get no colour
 */
export function spreadColours(book: ColourBook, present: readonly string[]): ColourBook {
  if (present.every((id) => book.has(id))) return book;
  const ids = [...new Set([...present, ...book.keys()])].slice(0, COLOUR_STEPS).toSorted(byName);
  const last = Math.max(1, ids.length - 1);
  return new Map(ids.map((id, i) => [id, Math.round((i / last) * (COLOUR_STEPS - 1))]));
}

function preferredSlot(id: string): number {
  const number = /(\d{1,9})$/.exec(id)?.[1];
  return (number === undefined ? hash(id) : Math.max(0, Number(number) - 1)) % COLOUR_SLOTS;
}

/** FNV-1a: small, and even enough for eight slots. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}
