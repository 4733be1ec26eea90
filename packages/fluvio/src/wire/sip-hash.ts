/**
 * SipHash-2-4 under the all-zero key. Every 64-bit word is a pair of 32-bit halves: BigInt would
 * read better and take twenty times as long, once per keyed record.
 */
const WORD_BYTES = 8;
const FINAL_ROUNDS = 4;

export interface Hash64 {
  /** Unsigned. */
  readonly high: number;
  /** Unsigned. */
  readonly low: number;
}

class SipState {
  #v0h = 0x736f6d65;
  #v0l = 0x70736575;
  #v1h = 0x646f7261;
  #v1l = 0x6e646f6d;
  #v2h = 0x6c796765;
  #v2l = 0x6e657261;
  #v3h = 0x74656462;
  #v3l = 0x79746573;

  absorb(high: number, low: number): void {
    this.#v3h ^= high;
    this.#v3l ^= low;
    this.#round();
    this.#round();
    this.#v0h ^= high;
    this.#v0l ^= low;
  }

  finish(): Hash64 {
    this.#v2l ^= 0xff;
    for (let index = 0; index < FINAL_ROUNDS; index += 1) this.#round();
    return {
      high: (this.#v0h ^ this.#v1h ^ this.#v2h ^ this.#v3h) >>> 0,
      low: (this.#v0l ^ this.#v1l ^ this.#v2l ^ this.#v3l) >>> 0,
    };
  }

  #round(): void {
    let [v0h, v0l, v1h, v1l] = [this.#v0h, this.#v0l, this.#v1h, this.#v1l];
    let [v2h, v2l, v3h, v3l] = [this.#v2h, this.#v2l, this.#v3h, this.#v3l];
    let sum = (v0l >>> 0) + (v1l >>> 0);
    v0h = (v0h + v1h + carry(sum)) | 0;
    v0l = sum | 0;
    let top = (v1h << 13) | (v1l >>> 19);
    v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
    v1h = top ^ v0h;
    [v0h, v0l] = [v0l, v0h];
    sum = (v2l >>> 0) + (v3l >>> 0);
    v2h = (v2h + v3h + carry(sum)) | 0;
    v2l = sum | 0;
    top = (v3h << 16) | (v3l >>> 16);
    v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
    v3h = top ^ v2h;
    sum = (v0l >>> 0) + (v3l >>> 0);
    v0h = (v0h + v3h + carry(sum)) | 0;
    v0l = sum | 0;
    top = (v3h << 21) | (v3l >>> 11);
    v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
    v3h = top ^ v0h;
    sum = (v2l >>> 0) + (v1l >>> 0);
    v2h = (v2h + v1h + carry(sum)) | 0;
    v2l = sum | 0;
    top = (v1h << 17) | (v1l >>> 15);
    v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
    v1h = top ^ v2h;
    [this.#v0h, this.#v0l, this.#v1h, this.#v1l] = [v0h, v0l, v1h, v1l];
    [this.#v2h, this.#v2l, this.#v3h, this.#v3l] = [v2l, v2h, v3h, v3l];
  }
}

/** SipHash-2-4 of a message. */
export function sipHash24(message: Uint8Array): Hash64 {
  const state = new SipState();
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const whole = message.length - (message.length % WORD_BYTES);
  for (let at = 0; at < whole; at += WORD_BYTES) {
    state.absorb(view.getInt32(at + 4, true), view.getInt32(at, true));
  }
  const tail = new DataView(new ArrayBuffer(WORD_BYTES));
  for (let at = whole; at < message.length; at += 1) tail.setUint8(at - whole, view.getUint8(at));
  tail.setUint8(WORD_BYTES - 1, message.length & 0xff);
  state.absorb(tail.getInt32(4, true), tail.getInt32(0, true));
  return state.finish();
}

function carry(sum: number): number {
  return sum > 0xffff_ffff ? 1 : 0;
}
