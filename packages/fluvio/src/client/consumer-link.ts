/**
 * A consumer's connection to one SPU, with a stream per partition. A connection of its own: streams
 * end only with their connection, and another consumer's back-pressure must not reach this one.
 */
import { API_KEY, VERSION } from "../wire/api-keys.ts";
import {
  decodeUpdateConsumerOffsetResponse,
  encodeUpdateConsumerOffsetRequest,
} from "../wire/consumer-offsets.ts";
import {
  decodeStreamPush,
  encodeStreamFetchRequest,
  type StreamPush,
} from "../wire/stream-fetch.ts";
import { decodeUpdateOffsetsResponse, encodeUpdateOffsetsRequest } from "../wire/update-offsets.ts";
import type { Connection } from "./connection.ts";
import { FluvioError, serverError, toFluvioError } from "./fluvio-error.ts";
import { CONSUMER_OFFSET_VERSIONS } from "./offsets.ts";

export interface StreamRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly bytesMax: number;
  readonly consumerId: string | null;
}

const SPU_VERSIONS = { min: 22, max: VERSION.spu };
const UPDATE_OFFSETS_VERSIONS = { min: 0, max: VERSION.updateOffsets };

export class ConsumerLink {
  readonly connection: Connection;
  readonly #streamIds = new Map<number, number>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Opens a stream; `onPush` is called for every push, in order. */
  open(request: StreamRequest, onPush: (push: StreamPush) => void): void {
    const version = this.connection.version(API_KEY.streamFetch, SPU_VERSIONS);
    this.connection.subscribe({
      key: API_KEY.streamFetch,
      version,
      encode: (writer) =>
        encodeStreamFetchRequest(writer, { ...request, committedOnly: true }, version),
      onPush: (reader) => {
        const push = decodeStreamPush(reader);
        this.#streamIds.set(push.partition, push.streamId);
        onPush(push);
      },
    });
  }

  /** Asks for the next push of a partition. A lost connection is noticed by its owner, not here. */
  acknowledge(partition: number, nextOffset: number): void {
    const streamId = this.#streamIds.get(partition);
    if (streamId === undefined) return;
    this.connection
      .request({
        key: API_KEY.updateOffsets,
        version: this.connection.version(API_KEY.updateOffsets, UPDATE_OFFSETS_VERSIONS),
        encode: (writer) => encodeUpdateOffsetsRequest(writer, [{ nextOffset, streamId }]),
        decode: decodeUpdateOffsetsResponse,
      })
      .catch((error: unknown) => {
        // Without the answer no further push will come: only a new connection helps.
        if (toFluvioError(error).code === "Timeout") this.connection.close();
      });
  }

  /** True when the server has named the partition's stream, which a commit needs. */
  hasStream(partition: number): boolean {
    return this.#streamIds.has(partition);
  }

  /** Stores a named consumer's offset. */
  async commit(partition: number, offset: number): Promise<void> {
    const streamId = this.#streamIds.get(partition);
    if (streamId === undefined) throw new FluvioError("FetchSessionNotFound", "no stream yet");
    const response = await this.connection.request({
      key: API_KEY.updateConsumerOffset,
      version: this.connection.version(API_KEY.updateConsumerOffset, CONSUMER_OFFSET_VERSIONS),
      encode: (writer) => encodeUpdateConsumerOffsetRequest(writer, { offset, streamId }),
      decode: decodeUpdateConsumerOffsetResponse,
    });
    if (response.error.name !== "None") {
      throw serverError(response.error, `commit of offset ${offset}, partition ${partition}`);
    }
  }
}
