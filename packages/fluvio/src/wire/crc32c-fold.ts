/**
 * The CRC-32C of long inputs, at several times the speed of tables: the input is folded into its
 * last few kilobytes, whose checksum is the same.
 *
 * With y = x^8 (one byte), y^5275 = 1 + y^2751 + y^4508 modulo Castagnoli's polynomial. So a byte may
 * be taken away when it is xored into the bytes 5275 - 4508, 5275 - 2751 and 5275 behind it, which
 * SIMD does for sixteen bytes at a time. (Kadatch and Russell's "Chorba", with this polynomial's
 * sparsest relation.) WebAssembly is the only way to SIMD; the module is small enough to be put
 * together here.
 */
const OFFSETS = [767, 2524, 5275] as const;
const KEPT_BYTES = OFFSETS[2];
const VECTOR_BYTES = 16;
const UNROLLED = 4;
const STEP_BYTES = VECTOR_BYTES * UNROLLED;
/** What is folded at a time: it should stay in the first-level cache. */
const WINDOW_BYTES = 24 * 1024;
/** From here on folding pays. */
export const FOLD_BYTES_MIN = 2 * KEPT_BYTES;

interface Folder {
  readonly memory: Uint8Array;
  /** Folds the bytes from `at` up to `end`, whole steps and at least one, into those behind them. */
  readonly fold: (at: number, end: number) => void;
}

/** What is used of `WebAssembly`, for which not every runtime's types have a name. */
interface WebAssemblyLike {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {
    readonly exports: { readonly memory: { readonly buffer: ArrayBuffer } } & Pick<Folder, "fold">;
  };
}

/** Not yet tried; `null`: this runtime compiles no WebAssembly, or none with SIMD. */
let folder: Folder | null | undefined;

/**
 * Folds `bytes` from `from` up to `to`.
 * @returns a shorter input with the same CRC-32C, valid until the next call; `undefined` when the
 *   runtime cannot do it
 */
export function foldForCrc32c(bytes: Uint8Array, from: number, to: number): Uint8Array | undefined {
  if (folder === undefined) folder = createFolder();
  if (folder === null) return undefined;
  const { memory, fold } = folder;
  let filled = 0;
  for (let at = from; at < to;) {
    const taken = Math.min(WINDOW_BYTES - filled, to - at);
    memory.set(bytes.subarray(at, at + taken), filled);
    // The checksum's initial value is the same as inverted first bytes and an initial value of 0.
    if (at === from) invertFirst(memory);
    at += taken;
    filled += taken;
    const folded = Math.floor((filled - KEPT_BYTES) / STEP_BYTES) * STEP_BYTES;
    if (folded <= 0) continue;
    fold(0, folded);
    memory.copyWithin(0, folded, filled);
    filled -= folded;
  }
  invertFirst(memory);
  return memory.subarray(0, filled);
}

function invertFirst(memory: Uint8Array): void {
  for (let at = 0; at < 4; at += 1) memory[at] = (memory[at] as number) ^ 0xff;
}

function createFolder(): Folder | null {
  try {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyLike })
      .WebAssembly;
    const { memory, fold } = new Instance(new Module(moduleBytes())).exports;
    return { memory: new Uint8Array(memory.buffer), fold };
  } catch {
    return null;
  }
}

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const I32 = 0x7f;
const V128 = 0x7b;
const END = 0x0b;

/** (func (export "fold") (param $at i32) (param $end i32)), one page of memory. */
function moduleBytes(): Uint8Array {
  const body = [1, 1, V128, ...foldLoop(), END];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, [1, 0x60, 2, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("fold"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** loop: take a vector, xor it into the three places behind it, go on while at < end. */
function foldLoop(): number[] {
  const at = [0x20, 0];
  const end = [0x20, 1];
  const vector = [0x20, 2];
  const code = [0x03, 0x40];
  for (let from = 0; from < STEP_BYTES; from += VECTOR_BYTES) {
    code.push(...at, ...v128Load(from), 0x21, 2);
    for (const offset of OFFSETS) {
      const place = from + offset;
      code.push(...at, ...at, ...v128Load(place), ...vector, 0xfd, 0x51, ...v128Store(place));
    }
  }
  const advance = [...at, 0x41, ...leb(STEP_BYTES, true), 0x6a, 0x22, 0];
  return [...code, ...advance, ...end, 0x49, 0x0d, 0, END];
}

function v128Load(offset: number): number[] {
  return [0xfd, 0x00, 0, ...leb(offset)];
}

function v128Store(offset: number): number[] {
  return [0xfd, 0x0b, 0, ...leb(offset)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
}

/** A small non-negative number in LEB128; a signed one leaves the last byte's top bit clear. */
function leb(value: number, isSigned = false): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > (isSigned ? 0x3f : 0x7f)) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
