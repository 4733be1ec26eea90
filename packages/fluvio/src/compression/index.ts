/**
 * The codecs of batches. Inflated size is bounded: a few compressed bytes may claim gigabytes.
 */
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { BatchCodec } from "../wire/batch.ts";
import { WireError } from "../wire/wire-error.ts";
import { lz4Compress, lz4Decompress } from "./lz4.ts";
import { snappyCompress, snappyDecompress } from "./snappy.ts";

/** Most bytes one batch may inflate to. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;
/** Level 3 of zstd and 1 of gzip: the producer's thread pays for it, so speed comes first. */
const ZSTD_LEVEL = 3;
const GZIP_LEVEL = 1;

interface Codec {
  readonly compress: (bytes: Uint8Array) => Uint8Array;
  readonly decompress: (bytes: Uint8Array, bytesMax: number) => Uint8Array;
}

const CODECS: Readonly<Record<Exclude<BatchCodec, "none">, Codec>> = {
  gzip: {
    compress: (bytes) => gzipSync(bytes, { level: GZIP_LEVEL }),
    decompress: (bytes, bytesMax) => gunzipSync(bytes, { maxOutputLength: bytesMax }),
  },
  zstd: {
    compress: (bytes) =>
      zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }),
    decompress: (bytes, bytesMax) => zstdDecompressSync(bytes, { maxOutputLength: bytesMax }),
  },
  snappy: { compress: snappyCompress, decompress: snappyDecompress },
  lz4: { compress: lz4Compress, decompress: lz4Decompress },
};

/** Compresses a batch's payload; `undefined` for `none`, which is stored as it is. */
export function compress(codec: BatchCodec, payload: Uint8Array): Uint8Array | undefined {
  return codec === "none" ? undefined : CODECS[codec].compress(payload);
}

/**
 * Inflates a batch's payload.
 * @throws WireError when it is damaged or longer than the limit
 */
export function decompress(
  codec: BatchCodec,
  payload: Uint8Array,
  bytesMax = INFLATED_BYTES_MAX,
): Uint8Array {
  if (codec === "none") return payload;
  try {
    return CODECS[codec].decompress(payload, bytesMax);
  } catch (error) {
    if (error instanceof WireError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new WireError("invalid", `a ${codec} batch cannot be read: ${reason}`);
  }
}
