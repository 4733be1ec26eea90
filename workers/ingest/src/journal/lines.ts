/** Work on lines of JSON as bytes: they are cut and joined, never parsed. */
const NEWLINE = 0x0a;

/**
 * Leaves out some lines.
 * @param indexes of the lines to leave out, ascending, each within the body
 */
export function withoutLines(body: Uint8Array, indexes: readonly number[]): Uint8Array {
  const kept = new Uint8Array(body.byteLength);
  let length = 0;
  let start = 0;
  let next = 0;
  for (let index = 0; start < body.byteLength; index += 1) {
    const end = body.indexOf(NEWLINE, start) + 1;
    if (index === indexes[next]) {
      next += 1;
    } else {
      kept.set(body.subarray(start, end), length);
      length += end - start;
    }
    start = end;
  }
  return kept.subarray(0, length);
}

/** Joins bodies; a single one is not copied. */
export function joinBodies(bodies: readonly Uint8Array[]): Uint8Array {
  const [only] = bodies;
  if (bodies.length === 1 && only !== undefined) return only;
  let length = 0;
  for (const body of bodies) length += body.byteLength;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const body of bodies) {
    joined.set(body, offset);
    offset += body.byteLength;
  }
  return joined;
}
