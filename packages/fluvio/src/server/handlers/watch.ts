/** Watch: a full sync at once, then every change, under the request's correlation id. */
import {
  decodeWatchRequest,
  encodeEmptyWatchPush,
  encodeWatchPush,
  type WatchPush,
} from "../../wire/admin-watch.ts";
import type { ObjectByType, ObjectType } from "../../wire/objects.ts";
import { isObjectType } from "../../wire/objects.ts";
import { partitionObjects, spuObject, topicObject } from "../broker.ts";
import type { RequestContext } from "../session.ts";
import type { Topic } from "../topic.ts";

export function handleWatch(context: RequestContext): void {
  const { type } = decodeWatchRequest(context.reader);
  if (!isObjectType(type)) {
    context.respond((writer) => encodeEmptyWatchPush(writer, type));
    return;
  }
  switch (type) {
    case "Topic":
      return watchTopics(context, type, (topic) => [topicObject(topic)]);
    case "Partition":
      return watchTopics(context, type, partitionObjects);
    case "SPU":
      return push(context, type, {
        epoch: 0,
        changes: [],
        all: [spuObject(context.session.address)],
      });
  }
}

function watchTopics<Type extends "Topic" | "Partition">(
  context: RequestContext,
  type: Type,
  objectsOf: (topic: Topic) => ObjectByType[Type][],
): void {
  const { broker, session } = context;
  let epoch = 0;
  const unsubscribe = broker.topics.onChange(({ kind, topic }) => {
    epoch += 1;
    const changes = objectsOf(topic).map((item) => ({ kind, item }));
    push(context, type, { epoch, changes, all: [] });
  });
  session.addWatch(unsubscribe);
  push(context, type, { epoch, changes: [], all: [...broker.topics.all()].flatMap(objectsOf) });
}

function push<Type extends ObjectType>(
  { header, respond }: RequestContext,
  type: Type,
  body: WatchPush<ObjectByType[Type]>,
): void {
  respond((writer) => encodeWatchPush(writer, { type, body }, header.version));
}
