/**
 * Fluvio's choice of a partition by key: SipHash-2-4 with a zero key over the key's length (u64,
 * little-endian) and its bytes, modulo the number of partitions. The same key must land in the
 * same partition whichever client produced it.
 */
import { sipHash24 } from "./sip-hash.ts";

const LENGTH_BYTES = 8;

/** The partition of a record with a key. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  if (partitionCount <= 1) return 0;
  const message = new Uint8Array(LENGTH_BYTES + key.length);
  new DataView(message.buffer).setUint32(0, key.length, true);
  message.set(key, LENGTH_BYTES);
  const { high, low } = sipHash24(message);
  // (high * 2^32 + low) mod count, in steps that stay below 2^53 for counts up to 2^21.
  const shifted = (high % partitionCount) * (0x1_0000_0000 % partitionCount);
  return (shifted + (low % partitionCount)) % partitionCount;
}
