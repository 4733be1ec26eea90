/**
 * Finds repetitions for LZ4 and snappy, which differ only in how they write them: greedily, with one
 * table of where four bytes were seen last. Where little repeats it takes longer and longer steps.
 */
const HASH_BITS = 14;
const HASH_FACTOR = 0x9e3779b1;
/** Shortest repetition worth writing, and what the table looks at. */
export const MATCH_BYTES_MIN = 4;
/** Both formats write distances in 16 bits. */
const DISTANCE_MAX = 0xffff;
/** LZ4 wants the last match to begin this far from the end, and the last bytes to be literals. */
const TAIL_BYTES = 12;
const LITERAL_TAIL_BYTES = 5;
/** After 2^6 steps without a match the step grows by one. */
const STEP_SHIFT = 6;

/** Positions, plus one, by hash; cleared for every input. */
const table = new Int32Array(1 << HASH_BITS);

/** Takes one repetition: literals up to `at`, then `length` bytes from `distance` before `at`. */
export type OnMatch = (at: number, distance: number, length: number) => void;

/**
 * Calls `onMatch` for the repetitions in `bytes`, in order and without overlap. What lies between
 * them, and behind the last, are literals.
 */
export function findMatches(bytes: Uint8Array, onMatch: OnMatch): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = bytes.length - TAIL_BYTES;
  const end = bytes.length - LITERAL_TAIL_BYTES;
  let literals = 0;
  table.fill(0);
  for (let at = 0; at <= last;) {
    const four = view.getInt32(at, true);
    const hash = Math.imul(four, HASH_FACTOR) >>> (32 - HASH_BITS);
    const seen = (table[hash] as number) - 1;
    table[hash] = at + 1;
    if (seen < 0 || at - seen > DISTANCE_MAX || view.getInt32(seen, true) !== four) {
      at += 1 + ((at - literals) >>> STEP_SHIFT);
      continue;
    }
    let length = MATCH_BYTES_MIN;
    while (at + length < end && bytes[at + length] === bytes[seen + length]) length += 1;
    onMatch(at, at - seen, length);
    at += length;
    literals = at;
  }
}

/** Literals are mostly a few bytes, for which a view costs more than a loop. */
const LOOPED_BYTES_MAX = 32;

/** Copies literals; what does not fit is left out, and its place stays behind the end of `out`. */
export function copyLiterals(
  bytes: Uint8Array,
  literals: { readonly from: number; readonly to: number },
  out: Uint8Array,
  outAt: number,
): number {
  const { from, to } = literals;
  const length = to - from;
  if (length > LOOPED_BYTES_MAX) {
    if (outAt + length <= out.length) out.set(bytes.subarray(from, to), outAt);
  } else {
    for (let index = 0; index < length; index += 1) {
      out[outAt + index] = bytes[from + index] as number;
    }
  }
  return outAt + length;
}
