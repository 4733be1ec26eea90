/**
 * Addresses in a form that tells equal ones apart from others and leads back to nobody: an HMAC with a
 * secret of the title. Rules that count purchases per address work on it as on the address.
 */
import { LIMITS, type JsonObject } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";

const PREFIX = "hmac-";
/** 128 bits: no two addresses meet by chance. */
const HEX_CHARS = 32;
const FIELD = "ip_address";

interface Hasher {
  readonly key: Promise<CryptoKey>;
  /** Hashes made before: a player's purchases come in many requests. */
  readonly made: Map<string, string>;
}

const encoder = new TextEncoder();
const hashers = new Map<string, Hasher>();

/** The form in which an address is stored. The same address always gets the same one. */
export async function hashAddress(address: string, secret: string): Promise<string> {
  const hasher = hasherOf(secret);
  const found = hasher.made.get(address);
  if (found !== undefined) return found;
  const bytes = encoder.encode(address.trim().toLowerCase());
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", await hasher.key, bytes));
  const hash = PREFIX + hexOf(digest).slice(0, HEX_CHARS);
  if (hasher.made.size >= INGEST_LIMITS.addressHashesMax) hasher.made.clear();
  hasher.made.set(address, hash);
  return hash;
}

function hasherOf(secret: string): Hasher {
  let hasher = hashers.get(secret);
  if (hasher === undefined) {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const raw = encoder.encode(secret);
    const key = crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
    hasher = { key, made: new Map() };
    hashers.set(secret, hasher);
  }
  return hasher;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Puts hashes in the place of the addresses that events name, whatever their topic.
 * @returns whether there was any: then the body must not be stored as it came
 */
export async function hashAddresses(items: readonly unknown[], secret: string): Promise<boolean> {
  const named = items.filter(
    (item): item is JsonObject =>
      typeof item === "object" && item !== null && FIELD in item && item[FIELD] !== null,
  );
  for (const event of named) {
    const address = event[FIELD];
    // What is no address is refused by its type or length, and kept by nobody.
    event[FIELD] = isAddress(address) ? await hashAddress(address, secret) : notKept(address);
  }
  return named.length > 0;
}

function isAddress(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= LIMITS.idCharsMax;
}

/** Something that is refused for the same reason, without what it said. */
function notKept(value: unknown): unknown {
  if (typeof value !== "string") return typeof value === "object" ? {} : 0;
  return "x".repeat(Math.min(value.length, LIMITS.idCharsMax + 1));
}
