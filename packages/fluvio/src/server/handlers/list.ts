/** List: topics, partitions, SPUs. There are none of any other type. */
import {
  decodeListRequest,
  encodeEmptyListResponse,
  encodeListResponse,
  type ListRequest,
} from "../../wire/admin-list.ts";
import { isObjectType, type ObjectByType, type ObjectType } from "../../wire/objects.ts";
import { partitionObjects, spuObject, topicObject, type Broker } from "../broker.ts";
import type { RequestContext, Session } from "../session.ts";

export function handleList({ broker, header, reader, respond, session }: RequestContext): void {
  const request = decodeListRequest(reader);
  const { type } = request;
  respond((writer) => {
    if (!isObjectType(type)) {
      encodeEmptyListResponse(writer, type);
      return;
    }
    const items = LISTS[type]({ broker, session, request });
    encodeListResponse(writer, { type, items }, header.version);
  });
}

interface ListContext {
  readonly broker: Broker;
  readonly session: Session;
  readonly request: ListRequest;
}

const LISTS: {
  readonly [Type in ObjectType]: (context: ListContext) => ObjectByType[Type][];
} = {
  Topic: ({ broker, request }) => wanted([...broker.topics.all()].map(topicObject), request),
  Partition: ({ broker, request }) => {
    const topics = [...broker.topics.all()];
    return topics.filter((topic) => topic.spec.system === request.system).flatMap(partitionObjects);
  },
  SPU: ({ session }) => [spuObject(session.address)],
};

function wanted<Item extends { readonly key: string; readonly spec: { readonly system: boolean } }>(
  items: readonly Item[],
  { filters, system }: ListRequest,
): Item[] {
  return items.filter(
    ({ key, spec }) => spec.system === system && (filters.length === 0 || filters.includes(key)),
  );
}
