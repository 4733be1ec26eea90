/** Events per second, from counters that only grow. */
import type { EdgeStatus } from "../data/pipeline.ts";
import type { Point } from "./windows.ts";

/** Samples kept: 15 minutes of one every two seconds. */
const SAMPLES_MAX = 450;

/** Adds a sample; one that is not newer than the last is left out. */
export function addSample(
  samples: readonly EdgeStatus[],
  sample: EdgeStatus,
): readonly EdgeStatus[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.timeMs <= last.timeMs) return samples;
  return [...samples, sample].slice(-SAMPLES_MAX);
}

/**
 * Accepted events per second of one topic between samples. A counter that falls means that the
 * server began anew: no rate is known there.
 */
export function acceptedRate(samples: readonly EdgeStatus[], topic: string): Point[] {
  const count = (sample: EdgeStatus): number =>
    sample.topics.find((entry) => entry.topic === topic)?.accepted ?? 0;
  return samples.slice(1).map((sample, i): Point => {
    const before = samples[i];
    if (before === undefined) return [sample.timeMs, null];
    const grown = count(sample) - count(before);
    const seconds = (sample.timeMs - before.timeMs) / 1000;
    return [sample.timeMs, grown < 0 ? null : grown / seconds];
  });
}

/** What came in is accounted for: received = accepted + duplicates + rejected. */
export function missingEvents(status: EdgeStatus): number {
  return status.received - status.accepted - status.duplicates - status.rejected;
}
