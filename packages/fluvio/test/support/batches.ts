import { BatchBuilder, readBatchHeaders, type BatchHeader } from "../../src/wire/index.ts";

export interface MadeBatch {
  readonly bytes: Uint8Array;
  readonly headers: readonly BatchHeader[];
}

/** A batch of text records, numbered when a producer is given. */
export function batchOf(
  values: readonly string[],
  numbered: { readonly producerId: number; readonly sequence: number } = {
    producerId: -1,
    sequence: -1,
  },
): MadeBatch {
  const builder = new BatchBuilder();
  for (const value of values) {
    builder.append({ key: null, value: new TextEncoder().encode(value), timestampMs: 1000 });
  }
  const { producerId, sequence } = numbered;
  const bytes = builder.finish({ codec: "none", producerId, firstSequence: sequence });
  return { bytes, headers: readBatchHeaders(bytes) };
}
