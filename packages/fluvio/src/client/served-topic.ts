/**
 * Whether a topic can be used: every partition has a leader, and the leader answers for it.
 *
 * A cluster confirms a new topic when all its replicas have reported. An SC of 0.18 drops a report
 * that also names a replica deleted meanwhile, and then confirms nothing for 90 s although the topic
 * works. So a creation that takes long is looked at from the side that matters to a client.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { fetchTopicRanges } from "./offsets.ts";

/** How long a confirmation may take before anybody looks; most come within half a second. */
const PATIENCE_MS = 1000;
const RETRY_MS = 200;

/** Resolves once the topic is served, and never when it does not come to be until the signal. */
export async function untilServed(
  cluster: Cluster,
  topic: string,
  signal: AbortSignal,
): Promise<void> {
  for (let pauseMs = PATIENCE_MS; !signal.aborted; pauseMs = RETRY_MS) {
    await delay(pauseMs, undefined, { signal });
    if (await isServed(cluster, topic).catch(() => false)) return;
  }
}

async function isServed(cluster: Cluster, topic: string): Promise<boolean> {
  return (await fetchTopicRanges(cluster, topic)).length > 0;
}
