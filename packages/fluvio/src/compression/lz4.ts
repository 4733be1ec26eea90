/**
 * LZ4's frame format, as Fluvio writes it: magic, descriptor, blocks of `u32 size, bytes`, end mark.
 *
 * A block is a row of sequences: u8 token (literals << 4 | match - 4, 15 goes on in further bytes),
 * literals, u16 distance (little-endian); the last one has literals only.
 *
 * Reading understands independent and linked blocks, checksums are skipped (the batch has its own).
 * Blocks are written independent, one that does not shrink as it is.
 */
import { WireError } from "../wire/wire-error.ts";
import { ByteSink } from "./byte-sink.ts";
import { copyLiterals, findMatches, MATCH_BYTES_MIN } from "./matches.ts";
import { xxh32 } from "./xxh32.ts";

const MAGIC = 0x184d2204;
const MAGIC_BYTES = 4;
const FLAG_DICTIONARY = 0x01;
const FLAG_CONTENT_SIZE = 0x08;
const FLAG_BLOCK_CHECKSUM = 0x10;
/** Version 01, independent blocks. */
const FLAGS_WRITTEN = 0x60;
/** Blocks of up to 4 MiB. */
const BLOCK_DESCRIPTOR_WRITTEN = 0x70;
const BLOCK_BYTES_MAX = 4 * 1024 * 1024;
const UNCOMPRESSED = 0x8000_0000;
/** A length that does not fit its half of the token. */
const LENGTH_EXTENDED = 15;

/** Makes an LZ4 frame. */
export function lz4Compress(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES_MAX);
  const out = new Uint8Array(MAGIC_BYTES + 3 + blocks * 4 + bytes.length + 4);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, FLAGS_WRITTEN);
  view.setUint8(5, BLOCK_DESCRIPTOR_WRITTEN);
  view.setUint8(6, (xxh32(out.subarray(4, 6)) >>> 8) & 0xff);
  let at = 7;
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES_MAX) {
    const block = bytes.subarray(from, from + BLOCK_BYTES_MAX);
    const written = deflateBlock(block, out.subarray(at + 4, at + 4 + block.length));
    if (written === undefined) out.set(block, at + 4);
    view.setUint32(at, written ?? (block.length | UNCOMPRESSED) >>> 0, true);
    at += 4 + (written ?? block.length);
  }
  return out.subarray(0, at + 4);
}

/** @returns the bytes written, `undefined` when they are not fewer than the block's */
function deflateBlock(block: Uint8Array, out: Uint8Array): number | undefined {
  let from = 0;
  let at = 0;
  const write = (literals: number, match: number): void => {
    const matchCode = match === 0 ? 0 : match - MATCH_BYTES_MIN;
    out[at] = (Math.min(literals, LENGTH_EXTENDED) << 4) | Math.min(matchCode, LENGTH_EXTENDED);
    at = writeExtended(out, at + 1, literals);
    // What does not fit is noticed at the end: writes outside of a typed array do nothing.
    at = copyLiterals(block, { from, to: from + literals }, out, at);
  };
  findMatches(block, (matchAt, distance, length) => {
    write(matchAt - from, length);
    out[at] = distance & 0xff;
    out[at + 1] = distance >>> 8;
    at = writeExtended(out, at + 2, length - MATCH_BYTES_MIN);
    from = matchAt + length;
  });
  write(block.length - from, 0);
  return at < block.length ? at : undefined;
}

/** Writes what of a length did not fit its half of the token. */
function writeExtended(out: Uint8Array, from: number, length: number): number {
  if (length < LENGTH_EXTENDED) return from;
  let at = from;
  let rest = length - LENGTH_EXTENDED;
  for (; rest >= 255; rest -= 255) {
    out[at] = 255;
    at += 1;
  }
  out[at] = rest;
  return at + 1;
}

/** Reads an LZ4 frame. */
export function lz4Decompress(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < MAGIC_BYTES + 3 || view.getUint32(0, true) !== MAGIC) {
    throw new WireError("invalid", "not an LZ4 frame");
  }
  const flags = view.getUint8(4);
  let at = MAGIC_BYTES + 2;
  if ((flags & FLAG_CONTENT_SIZE) !== 0) at += 8;
  if ((flags & FLAG_DICTIONARY) !== 0) throw new WireError("unsupported", "LZ4 dictionaries");
  at += 1;
  const sink = new ByteSink(bytesMax);
  while (at + 4 <= bytes.length) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return sink.finish();
    const length = size % UNCOMPRESSED;
    if (at + length > bytes.length) throw cut();
    const block = bytes.subarray(at, at + length);
    if (size >= UNCOMPRESSED) sink.push(block);
    else inflateBlock(block, sink);
    at += length + ((flags & FLAG_BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  throw cut();
}

/** One block: sequences of literals and a copy; the last has literals only. */
function inflateBlock(block: Uint8Array, sink: ByteSink): void {
  const cursor = { at: 0 };
  while (cursor.at < block.length) {
    const token = next(block, cursor);
    const literals = extended(block, cursor, token >>> 4);
    if (cursor.at + literals > block.length) throw cut();
    sink.push(block.subarray(cursor.at, cursor.at + literals));
    cursor.at += literals;
    if (cursor.at === block.length) return;
    const distance = next(block, cursor) | (next(block, cursor) << 8);
    sink.repeat(distance, extended(block, cursor, token & 15) + MATCH_BYTES_MIN);
  }
}

/** A length of 15 goes on in further bytes until one is not 255. */
function extended(block: Uint8Array, cursor: { at: number }, length: number): number {
  let total = length;
  let more = length === 15 ? 255 : 0;
  while (more === 255) {
    more = next(block, cursor);
    total += more;
  }
  return total;
}

function next(block: Uint8Array, cursor: { at: number }): number {
  const byte = block[cursor.at];
  if (byte === undefined) throw cut();
  cursor.at += 1;
  return byte;
}

function cut(): WireError {
  return new WireError("truncated", "LZ4 bytes are cut");
}
