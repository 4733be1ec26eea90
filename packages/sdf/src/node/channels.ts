/**
 * Channels: what a record of an intermediate topic (one that a service of the dataflow writes and
 * another reads) comes from. Records of one source partition leave through one channel, in its
 * order; windows' results of a group of partitions through another. A service that reads the topic
 * keeps a watermark per channel, as it does per partition of other topics. So it does not matter in
 * which order a replay works through the source partitions: none overtakes another.
 *
 * A channel travels as the producer's id in the header of each batch, together with numbers that
 * count its records. Of 52 bits: 22 of the dataflow's name, 12 that change with every start from
 * empty state, 18 of the channel.
 */
import { createHash } from "node:crypto";
import type { Plan } from "../engine/index.ts";

const LINEAGES = 2 ** 12;
const CHANNELS = 2 ** 18;
/** Partitions of one source that channels can tell apart; those beyond share channels. */
const PARTITIONS = 4096;
const GROUPS_AT = 16 * PARTITIONS;
/** From here on: what has come through more than one intermediate topic. */
const FURTHER_AT = 2 * GROUPS_AT;
/** Intermediate topics in a row; a dataflow may also run in a circle. */
const DEPTH_MAX = 8;

/** Where a record that is processed came from. */
export interface Origin {
  /** Index in the plan's sources. */
  readonly source: number;
  readonly partition: number;
  /** Of a record that the dataflow itself has written to an intermediate topic. */
  readonly channel?: number | undefined;
}

export function newLineage(): number {
  return Math.floor(Math.random() * LINEAGES);
}

/** 22 bits for a dataflow, by `namespace/name`. */
export function tagOf({ name, namespace }: Pick<Plan, "name" | "namespace">): number {
  return createHash("sha256").update(`${namespace}/${name}`).digest().readUInt32BE(0) >>> 10;
}

export function producerIdOf(tag: number, lineage: number, channel: number): number {
  return (tag * LINEAGES + lineage) * CHANNELS + channel;
}

/** The channel that a producer's id names; `undefined` when it is not one of this dataflow. */
export function channelOf(producerId: number, tag: number): number | undefined {
  const isOurs = Math.floor(producerId / (LINEAGES * CHANNELS)) === tag;
  return isOurs ? producerId % CHANNELS : undefined;
}

/** The channel of windows' results, and of all outputs to topics that the dataflow does not read. */
export function groupChannel(group: number): number {
  return GROUPS_AT + group;
}

/** The channel through which outputs leave that were made of a record from there. */
export function originChannel({ source, partition, channel }: Origin): number {
  if (channel === undefined) return ((source * PARTITIONS) % GROUPS_AT) + (partition % PARTITIONS);
  const text = `${source}/${partition}/${channel}`;
  const digest = createHash("sha256").update(text).digest().readUInt32BE(0);
  return FURTHER_AT + (digest % (CHANNELS - FURTHER_AT));
}

/** What the engine takes for the number of a partition: each channel counts as one. */
export function watermarkNumber({ partition, channel }: Origin): number {
  return channel === undefined ? partition : PARTITIONS * (channel + 1) + (partition % PARTITIONS);
}

/** Whether a service of the dataflow writes to this source. */
export function isIntermediate(plan: Plan, source: number): boolean {
  const topic = plan.sources[source]?.topic;
  return plan.sinks.some((sink) => sink.topic === topic);
}

/** Whether what is written to this sink keeps apart what it was made of. */
export function keepsOrigins(plan: Plan, sink: number): boolean {
  const topic = plan.sinks[sink]?.topic;
  const isRead = plan.sources.some((source) => source.topic === topic);
  return isRead && writersOf(plan, topic).some(({ window }) => window === null);
}

function writersOf(plan: Plan, topic: string | undefined): Plan["services"][number][] {
  return plan.services.filter(({ sinks }) =>
    sinks.some((index) => plan.sinks[index]?.topic === topic),
  );
}

export interface World {
  readonly plan: Plan;
  /** How many groups of partitions there are. */
  readonly groups: number;
  /** The numbers of all partitions, by source. */
  readonly partitions: readonly (readonly number[])[];
}

/** All channels in which records of an intermediate source can come. */
export function channelsOf(world: World, source: number, depth = 0): Set<number> {
  const channels = new Set<number>();
  if (depth >= DEPTH_MAX) return channels;
  const { plan, groups } = world;
  const topic = plan.sources[source]?.topic;
  for (const [sink, { topic: written }] of plan.sinks.entries()) {
    if (written !== topic) continue;
    if (!keepsOrigins(plan, sink)) {
      for (let group = 0; group < groups; group += 1) channels.add(groupChannel(group));
      continue;
    }
    for (const { sources } of writersOf(plan, topic)) {
      for (const from of sources) addChannels(world, from, depth, channels);
    }
  }
  return channels;
}

/** The channels of what is made of a source's records. */
function addChannels(world: World, source: number, depth: number, into: Set<number>): void {
  const from = isIntermediate(world.plan, source) ? channelsOf(world, source, depth + 1) : [];
  for (const partition of world.partitions[source] ?? []) {
    if (!isIntermediate(world.plan, source)) into.add(originChannel({ source, partition }));
    for (const channel of from) into.add(originChannel({ source, partition, channel }));
  }
}
