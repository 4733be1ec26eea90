/**
 * CRC-32C (Castagnoli): batches are checked on every produce, so the plain byte-at-a-time loop would
 * be the slowest part of the path. Long inputs are folded first, the rest takes eight bytes per step.
 */
import { FOLD_BYTES_MIN, foldForCrc32c } from "./crc32c-fold.ts";

const POLYNOMIAL_REVERSED = 0x82f63b78;
const SLICES = 8;
const TABLES = buildTables();

/** The CRC-32C of `bytes` from `from` up to `to`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  if (to - from >= FOLD_BYTES_MIN) {
    const folded = foldForCrc32c(bytes, from, to);
    if (folded !== undefined) return crc32cByTables(folded, 0, folded.length);
  }
  return crc32cByTables(bytes, from, to);
}

/** The same without folding: for short inputs, and where there is no WebAssembly. */
export function crc32cByTables(bytes: Uint8Array, from: number, to: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = -1;
  let at = from;
  for (const end = to - SLICES; at <= end; at += SLICES) {
    const low = crc ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    crc =
      slice(7, low & 0xff) ^
      slice(6, (low >>> 8) & 0xff) ^
      slice(5, (low >>> 16) & 0xff) ^
      slice(4, low >>> 24) ^
      slice(3, high & 0xff) ^
      slice(2, (high >>> 8) & 0xff) ^
      slice(1, (high >>> 16) & 0xff) ^
      slice(0, high >>> 24);
  }
  for (; at < to; at += 1) {
    crc = slice(0, (crc ^ view.getUint8(at)) & 0xff) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

function slice(table: number, byte: number): number {
  return TABLES[(table << 8) | byte] as number;
}

function buildTables(): Int32Array {
  const tables = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL_REVERSED;
    }
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const previous = tables[at - 256] as number;
    tables[at] = (tables[previous & 0xff] as number) ^ (previous >>> 8);
  }
  return tables;
}
