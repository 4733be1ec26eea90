/**
 * Fluvio's choice of a partition by key: SipHash-2-4 with a zero key over the key's length (u64,
 * little-endian) and its bytes, modulo the number of partitions. The same key must land in the
 * same partition whichever client produced it.
 */
const U64 = 0xffff_ffff_ffff_ffffn;
const LENGTH_BYTES = 8;
const WORD_BYTES = 8;

/** The partition of a record with a key. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  if (partitionCount <= 1) return 0;
  const message = new Uint8Array(LENGTH_BYTES + key.length);
  new DataView(message.buffer).setUint32(0, key.length, true);
  message.set(key, LENGTH_BYTES);
  return Number(sipHash24(message) % BigInt(partitionCount));
}

/** SipHash-2-4 of a message under the all-zero key. */
export function sipHash24(message: Uint8Array): bigint {
  const state = {
    v0: 0x736f6d6570736575n,
    v1: 0x646f72616e646f6dn,
    v2: 0x6c7967656e657261n,
    v3: 0x7465646279746573n,
  };
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const whole = message.length - (message.length % WORD_BYTES);
  for (let at = 0; at < whole; at += WORD_BYTES) {
    absorb(state, view.getBigUint64(at, true));
  }
  let last = BigInt(message.length & 0xff) << 56n;
  for (let at = whole; at < message.length; at += 1) {
    last |= BigInt(view.getUint8(at)) << BigInt(8 * (at - whole));
  }
  absorb(state, last);
  state.v2 ^= 0xffn;
  for (let index = 0; index < 4; index += 1) round(state);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

interface SipState {
  v0: bigint;
  v1: bigint;
  v2: bigint;
  v3: bigint;
}

function absorb(state: SipState, word: bigint): void {
  state.v3 ^= word;
  round(state);
  round(state);
  state.v0 ^= word;
}

function round(state: SipState): void {
  state.v0 = (state.v0 + state.v1) & U64;
  state.v1 = rotate(state.v1, 13n) ^ state.v0;
  state.v0 = rotate(state.v0, 32n);
  state.v2 = (state.v2 + state.v3) & U64;
  state.v3 = rotate(state.v3, 16n) ^ state.v2;
  state.v0 = (state.v0 + state.v3) & U64;
  state.v3 = rotate(state.v3, 21n) ^ state.v0;
  state.v2 = (state.v2 + state.v1) & U64;
  state.v1 = rotate(state.v1, 17n) ^ state.v2;
  state.v2 = rotate(state.v2, 32n);
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & U64;
}
