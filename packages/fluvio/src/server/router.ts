/**
 * Which handler serves a request. SC and SPU give the same number to different calls; versions
 * from 22 on are the SPU's (see api-keys).
 */
import { API_KEY, SPU_VERSION_MIN } from "../wire/api-keys.ts";
import type { RequestHeader } from "../wire/headers.ts";
import { handleApiVersions } from "./handlers/api-versions.ts";
import {
  handleDeleteConsumerOffset,
  handleFetchConsumerOffsets,
  handleUpdateConsumerOffset,
} from "./handlers/consumer-offsets.ts";
import { handleCreate } from "./handlers/create.ts";
import { handleDelete } from "./handlers/delete.ts";
import { handleFetchOffsets } from "./handlers/fetch-offsets.ts";
import { handleList } from "./handlers/list.ts";
import { handleProduce } from "./handlers/produce.ts";
import { handleStreamFetch } from "./handlers/stream-fetch.ts";
import { handleUpdate } from "./handlers/update.ts";
import { handleUpdateOffsets } from "./handlers/update-offsets.ts";
import { handleWatch } from "./handlers/watch.ts";
import type { RequestContext } from "./session.ts";

/** Serves one request. A promise counts as in flight until it settles; a rejection ends the connection. */
export type Handler = (context: RequestContext) => Promise<void> | void;

const SC_HANDLERS: ReadonlyMap<number, Handler> = new Map([
  [API_KEY.create, handleCreate],
  [API_KEY.delete, handleDelete],
  [API_KEY.list, handleList],
  [API_KEY.watch, handleWatch],
  [API_KEY.update, handleUpdate],
]);

const SPU_HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [API_KEY.fetchOffsets, handleFetchOffsets],
  [API_KEY.streamFetch, handleStreamFetch],
  [API_KEY.updateConsumerOffset, handleUpdateConsumerOffset],
  [API_KEY.deleteConsumerOffset, handleDeleteConsumerOffset],
  [API_KEY.fetchConsumerOffsets, handleFetchConsumerOffsets],
]);

/** Calls whose number only one role uses, at any version. */
const PLAIN_HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [API_KEY.apiVersions, handleApiVersions],
  [API_KEY.produce, handleProduce],
  [API_KEY.updateOffsets, handleUpdateOffsets],
]);

/** @returns `undefined` for a call that is not served */
export function handlerFor(header: RequestHeader): Handler | undefined {
  const plain = PLAIN_HANDLERS.get(header.apiKey);
  if (plain !== undefined) return plain;
  const handlers = header.version >= SPU_VERSION_MIN ? SPU_HANDLERS : SC_HANDLERS;
  return handlers.get(header.apiKey);
}
