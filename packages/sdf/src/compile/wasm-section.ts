/** Custom sections of a Wasm module. */

const CUSTOM = 0;
const HEADER_BYTES = 8;

/** Unsigned LEB128. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest > 0x7f;
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

/** The module with a section added at its end. */
export function appendSection(wasm: Uint8Array, name: string, content: string): Uint8Array {
  const [label, body] = [Buffer.from(name), Buffer.from(content)];
  const size = varint(label.length).length + label.length + body.length;
  const head = [CUSTOM, ...varint(size), ...varint(label.length)];
  return Buffer.concat([wasm, Buffer.from(head), label, body]);
}

/** The text of a section, read without compiling the module. */
export function readSection(wasm: Uint8Array, name: string): string | undefined {
  const bytes = Buffer.from(wasm.buffer, wasm.byteOffset, wasm.byteLength);
  let at = HEADER_BYTES;
  const number = (): number => {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const id = bytes[at++];
    const size = number();
    const end = at + size;
    if (id === CUSTOM) {
      const length = number();
      if (bytes.toString("utf8", at, at + length) === name)
        return bytes.toString("utf8", at + length, end);
    }
    at = end;
  }
  return undefined;
}
