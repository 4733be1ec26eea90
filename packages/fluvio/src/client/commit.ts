/**
 * Commits without a live stream: after a reconnect no push may have come yet, and the protocol
 * stores offsets only through a stream. So a short-lived one is opened at the very record, which
 * makes the server push at once and name the stream.
 */
import type { Cluster } from "./cluster.ts";
import { ConsumerLink, type StreamRequest } from "./consumer-link.ts";
import { FluvioError, serverError } from "./fluvio-error.ts";

/** Enough to make the server push; it sends one whole batch whatever this says. */
const BYTES_MAX = 1;

/** Stores `request.offset` for `request.consumerId` through a connection of its own. */
export async function commitAlone(
  cluster: Cluster,
  leader: number,
  request: Omit<StreamRequest, "bytesMax">,
): Promise<void> {
  const link = new ConsumerLink(await cluster.openSpu(leader));
  try {
    await firstPush(link, request, cluster.timeoutMs);
    await link.commit(request.partition, request.offset);
  } finally {
    link.connection.close();
  }
}

function firstPush(
  link: ConsumerLink,
  request: Omit<StreamRequest, "bytesMax">,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `offset ${request.offset} was not pushed in time: is there such a record?`;
      reject(new FluvioError("Timeout", message));
    }, timeoutMs);
    link.connection.onClose((error) => {
      clearTimeout(timer);
      reject(error);
    });
    link.open({ ...request, bytesMax: BYTES_MAX }, (push) => {
      clearTimeout(timer);
      if (push.error.name === "None") resolve();
      else reject(serverError(push.error, `commit of offset ${request.offset}`));
    });
  });
}
