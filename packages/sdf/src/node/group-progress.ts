/**
 * How far each group of partitions has come, for the other groups. A group that reads an
 * intermediate topic may not take the others' silence for silence in the topic: its clock stands
 * still while one of them is behind.
 *
 * A file for each group beside the groups' checkpoint folders: what it says is that everything made
 * of the records before these offsets is in the topics. It may be old, it is never ahead.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PartitionRange } from "@arenaflow/fluvio/client";
import type { Offsets } from "./checkpoint.ts";
import { type Group, inGroup } from "./partition-group.ts";

const LOOK_MS = 25;

export class GroupProgress {
  readonly #dir: string;
  readonly #group: Group;
  #published = "";

  /** @param dir where the groups' checkpoint folders are */
  constructor(dir: string, group: Group) {
    this.#dir = dir;
    this.#group = group;
  }

  /** Everything made of the records before these offsets is acknowledged. */
  async publish(offsets: Offsets): Promise<void> {
    const text = JSON.stringify(offsets);
    if (text === this.#published) return;
    const file = this.#file(this.#group.index);
    // A reader finds the old one or the new one.
    await writeFile(`${file}.tmp`, text);
    await rename(`${file}.tmp`, file);
    this.#published = text;
  }

  /**
   * Waits until the other groups are done with what they have of these partitions.
   * @param isOver ends the waiting
   * @returns false when it was ended
   */
  async others(
    topic: string,
    ranges: readonly PartitionRange[],
    isOver: () => boolean,
  ): Promise<boolean> {
    const { count, index } = this.#group;
    for (let other = 0; other < count; other += 1) {
      const theirs = ranges.filter(({ partition }) => inGroup(partition, { index: other, count }));
      if (other === index || theirs.every(({ end }) => end === 0)) continue;
      while (!(await this.#isDone(other, topic, theirs))) {
        if (isOver()) return false;
        await sleep(LOOK_MS);
      }
    }
    return !isOver();
  }

  async #isDone(group: number, topic: string, ranges: readonly PartitionRange[]): Promise<boolean> {
    const text = await readFile(this.#file(group), "utf8").catch(() => "{}");
    const done = (JSON.parse(text) as Offsets)[topic] ?? {};
    return ranges.every(({ partition, end }) => (done[partition] ?? 0) >= end);
  }

  #file(group: number): string {
    return join(this.#dir, `progress-${group}-of-${this.#group.count}`);
  }
}
