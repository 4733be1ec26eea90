/** Update: adds partitions to a topic. */
import { encodeAdminStatus, type AdminStatus } from "../../wire/admin-status.ts";
import { decodeUpdateRequest, type UpdateRequest } from "../../wire/admin-update.ts";
import { errorCode, NO_ERROR } from "../../wire/error-code.ts";
import type { Broker } from "../broker.ts";
import type { RequestContext } from "../session.ts";

export async function handleUpdate(context: RequestContext): Promise<void> {
  const { broker, reader, respond } = context;
  const status = await update(broker, decodeUpdateRequest(reader));
  respond((writer) => encodeAdminStatus(writer, status));
}

async function update(broker: Broker, request: UpdateRequest): Promise<AdminStatus> {
  const { name, addPartitions } = request;
  if (addPartitions === null) {
    const message = `this update of ${request.type} is not supported by the embedded server`;
    return { name, error: errorCode("Other", message), message };
  }
  const topic = broker.topics.get(name);
  if (topic === undefined) {
    return { name, error: errorCode("TopicNotFound"), message: `Topic '${name}' not found` };
  }
  if (topic.spec.system) {
    const message = `system topic '${name}' cannot be changed`;
    return { name, error: errorCode("SystemSpecUpdating", "Topic", name), message };
  }
  const { partitionsPerTopicMax } = broker.settings;
  const partitions = topic.partitions.length + addPartitions;
  if (addPartitions < 1 || partitions > partitionsPerTopicMax) {
    const message = `${partitions} partitions; this server allows up to ${partitionsPerTopicMax}`;
    return { name, error: errorCode("TopicInvalidConfig"), message };
  }
  await broker.topics.addPartitions(topic, addPartitions);
  return { name, error: NO_ERROR, message: null };
}
