/**
 * Snappy's framing format, as Fluvio writes it: chunks of `u8 type, u24 length (little-endian)`.
 * 0xff stream identifier, 0x00 compressed (masked crc32c of the content, then a snappy block),
 * 0x01 uncompressed (masked crc32c, then the bytes), 0x80-0xfe skippable.
 *
 * A block is the content's length as a varint, then literals and copies of what came before.
 *
 * Reading understands all of it. A chunk that does not shrink is written uncompressed.
 */
import { crc32c } from "../wire/crc32c.ts";
import { WireError } from "../wire/wire-error.ts";
import { ByteSink } from "./byte-sink.ts";
import { copyLiterals, findMatches } from "./matches.ts";

const IDENTIFIER = Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
const CHUNK_COMPRESSED = 0x00;
const CHUNK_UNCOMPRESSED = 0x01;
const CHUNK_SKIPPABLE_FROM = 0x80;
const CHUNK_HEAD_BYTES = 4;
const CRC_BYTES = 4;
/** The format's limit on the content of one chunk. */
const CHUNK_CONTENT_BYTES_MAX = 65536;
/** Longest literal whose length is in its tag; longer ones have one or two bytes of length. */
const LITERAL_BYTES_IN_TAG = 60;
const COPY_BYTES_MAX = 64;
const TAG_COPY_2 = 2;

/** Makes snappy's framing format. */
export function snappyCompress(bytes: Uint8Array): Uint8Array {
  const chunks = Math.ceil(bytes.length / CHUNK_CONTENT_BYTES_MAX);
  const head = CHUNK_HEAD_BYTES + CRC_BYTES;
  const out = new Uint8Array(IDENTIFIER.length + chunks * head + bytes.length);
  const view = new DataView(out.buffer);
  out.set(IDENTIFIER);
  let at = IDENTIFIER.length;
  for (let from = 0; from < bytes.length; from += CHUNK_CONTENT_BYTES_MAX) {
    const to = Math.min(bytes.length, from + CHUNK_CONTENT_BYTES_MAX);
    const content = bytes.subarray(from, to);
    const written = deflateBlock(content, out.subarray(at + head, at + head + content.length));
    if (written === undefined) out.set(content, at + head);
    const type = written === undefined ? CHUNK_UNCOMPRESSED : CHUNK_COMPRESSED;
    const length = written ?? content.length;
    view.setUint32(at, type | ((length + CRC_BYTES) << 8), true);
    view.setUint32(at + CHUNK_HEAD_BYTES, maskedCrc(bytes, from, to), true);
    at += head + length;
  }
  return out.subarray(0, at);
}

/** @returns the bytes written, `undefined` when they are not fewer than the content's */
function deflateBlock(content: Uint8Array, out: Uint8Array): number | undefined {
  let at = 0;
  let from = 0;
  const put = (byte: number): void => {
    // What does not fit is noticed at the end: writes outside of a typed array do nothing.
    out[at] = byte;
    at += 1;
  };
  const literal = (to: number): void => {
    const length = to - from;
    if (length === 0) return;
    const code = length - 1;
    if (code < LITERAL_BYTES_IN_TAG) {
      put(code << 2);
    } else {
      const size = code < 256 ? 1 : 2;
      put((LITERAL_BYTES_IN_TAG - 1 + size) << 2);
      put(code & 0xff);
      if (size === 2) put(code >>> 8);
    }
    at = copyLiterals(content, { from, to }, out, at);
  };
  let rest = content.length;
  for (; rest >= 0x80; rest >>>= 7) put((rest & 0x7f) | 0x80);
  put(rest);
  findMatches(content, (matchAt, distance, length) => {
    literal(matchAt);
    for (let left = length; left > 0; left -= COPY_BYTES_MAX) {
      put(((Math.min(left, COPY_BYTES_MAX) - 1) << 2) | TAG_COPY_2);
      put(distance & 0xff);
      put(distance >>> 8);
    }
    from = matchAt + length;
  });
  literal(content.length);
  return at < content.length ? at : undefined;
}

/** Reads snappy's framing format. */
export function snappyDecompress(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sink = new ByteSink(bytesMax);
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < CHUNK_HEAD_BYTES) throw cut();
    const type = view.getUint8(at);
    const length = view.getUint32(at, true) >>> 8;
    const from = at + CHUNK_HEAD_BYTES;
    at = from + length;
    if (at > bytes.length) throw cut();
    if (type === CHUNK_COMPRESSED || type === CHUNK_UNCOMPRESSED) {
      if (length < CRC_BYTES) throw cut();
      const start = sink.length;
      const content = bytes.subarray(from + CRC_BYTES, at);
      if (type === CHUNK_UNCOMPRESSED) sink.push(content);
      else inflateBlock(content, sink);
      const done = sink.finish();
      if (maskedCrc(done, start, done.length) !== view.getUint32(from, true)) {
        throw new WireError("invalid", "a snappy chunk's checksum does not match");
      }
    } else if (type < CHUNK_SKIPPABLE_FROM) {
      throw new WireError("unsupported", `snappy chunk type ${type}`);
    }
  }
  return sink.finish();
}

/** One snappy block: varint length, then literals and copies. */
function inflateBlock(block: Uint8Array, sink: ByteSink): void {
  const base = sink.length;
  let at = 0;
  while (byteAt(block, at) >= 0x80) at += 1;
  at += 1;
  while (at < block.length) {
    const tag = byteAt(block, at);
    at += 1;
    if ((tag & 3) === 0) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const size = length - 60;
        length = littleEndian(block, at, size) + 1;
        at += size;
      }
      if (at + length > block.length) throw cut();
      sink.push(block.subarray(at, at + length));
      at += length;
    } else if ((tag & 3) === 1) {
      const distance = ((tag >>> 5) << 8) | byteAt(block, at);
      at += 1;
      sink.repeat(distance, ((tag >>> 2) & 7) + 4, base);
    } else {
      const size = (tag & 3) === 2 ? 2 : 4;
      const distance = littleEndian(block, at, size);
      at += size;
      sink.repeat(distance, (tag >>> 2) + 1, base);
    }
  }
}

function littleEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = 0; index < size; index += 1) value += byteAt(bytes, at + index) * 256 ** index;
  return value;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw cut();
  return byte;
}

function maskedCrc(bytes: Uint8Array, from: number, to: number): number {
  const crc = crc32c(bytes, from, to);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function cut(): WireError {
  return new WireError("truncated", "snappy bytes are cut");
}
