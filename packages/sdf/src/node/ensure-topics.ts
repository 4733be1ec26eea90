/** Creates topics and waits until they can be used: a cluster answers before a topic is provisioned. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Fluvio, FluvioError, type TopicOptions } from "@arenaflow/fluvio/client";

const WAIT_MS_MAX = 15_000;
const PAUSE_MS = 50;

/** @throws FluvioError when a topic cannot be created, or is not there after 15 s */
export async function ensureTopics(
  fluvio: Fluvio,
  topics: readonly string[],
  options: TopicOptions = {},
): Promise<void> {
  for (const topic of new Set(topics)) await fluvio.admin.ensureTopic(topic, options);
  for (const topic of new Set(topics)) await untilThere(fluvio, topic);
}

async function untilThere(fluvio: Fluvio, topic: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      await fluvio.offsets(topic);
      return;
    } catch (cause) {
      const provisioning =
        cause instanceof FluvioError && (cause.isRetriable || cause.code === "TopicNotFound");
      if (!provisioning || waitedMs >= WAIT_MS_MAX) throw cause;
    }
    await sleep(PAUSE_MS);
  }
}
