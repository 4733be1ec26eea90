/** Delete: topics. */
import { decodeDeleteRequest } from "../../wire/admin-delete.ts";
import { encodeAdminStatus, type AdminStatus } from "../../wire/admin-status.ts";
import { errorCode, NO_ERROR } from "../../wire/error-code.ts";
import type { Broker } from "../broker.ts";
import type { RequestContext } from "../session.ts";

export async function handleDelete(context: RequestContext): Promise<void> {
  const { broker, header, reader, respond } = context;
  const { type, name } = decodeDeleteRequest(reader, header.version);
  const status = type === "Topic" ? await deleteTopic(broker, name) : refuse(type, name);
  respond((writer) => encodeAdminStatus(writer, status));
}

async function deleteTopic(broker: Broker, name: string): Promise<AdminStatus> {
  const topic = broker.topics.get(name);
  if (topic === undefined) {
    return { name, error: errorCode("TopicNotFound"), message: `Topic '${name}' not found` };
  }
  if (topic.spec.system) {
    const message = `system topic '${name}' cannot be deleted: clients need it`;
    return { name, error: errorCode("SystemSpecDeletion", "Topic", name), message };
  }
  await broker.topics.delete(topic);
  await broker.storedOffsets.deleteTopic(name);
  return { name, error: NO_ERROR, message: null };
}

function refuse(type: string, name: string): AdminStatus {
  const message = `${type} objects are not supported by the embedded server`;
  return { name, error: errorCode("InvalidDeleteRequest"), message };
}
