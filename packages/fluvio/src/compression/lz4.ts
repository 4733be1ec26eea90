/**
 * LZ4's frame format, as Fluvio writes it: magic, descriptor, blocks of `u32 size, bytes`, end mark.
 *
 * Reading understands independent and linked blocks, checksums are skipped (the batch has its own).
 * Writing uses uncompressed blocks only: valid for every reader, and Node has no lz4; producers
 * that want to save bytes take zstd.
 */
import { WireError } from "../wire/wire-error.ts";
import { ByteSink } from "./byte-sink.ts";
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
const MATCH_BYTES_MIN = 4;

/** Wraps bytes in an LZ4 frame. */
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
    view.setUint32(at, (block.length | UNCOMPRESSED) >>> 0, true);
    out.set(block, at + 4);
    at += 4 + block.length;
  }
  return out;
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
