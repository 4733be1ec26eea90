/** What a runner is made of. */
import type { Fluvio } from "@arenaflow/fluvio/client";
import type { DataflowEngine, Plan } from "../engine/index.ts";
import { isIntermediate, tagOf } from "./channels.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Inbox } from "./inbox.ts";
import { Outputs } from "./outputs.ts";
import type { Group } from "./partition-group.ts";
import { ProcessingClock } from "./processing-clock.ts";
import type { RejectionLog } from "./rejection-log.ts";
import type { RunDataflowOptions } from "./running-dataflow.ts";
import { Sources } from "./sources.ts";
import { TurnLog } from "./turn-log.ts";
import { Work } from "./work.ts";

export interface RunnerParts {
  readonly options: RunDataflowOptions;
  /** The partitions that this runner reads. */
  readonly group: Group;
  /** Where the store is. */
  readonly checkpointDir: string;
  readonly plan: Plan;
  readonly engine: DataflowEngine;
  readonly store: CheckpointStore;
  readonly fluvio: Fluvio;
}

export interface OpenOptions {
  /** Whether turns will be done again. */
  readonly isReplay: boolean;
  readonly rejections: RejectionLog;
  readonly now: () => number;
  /** Called when records came in, or outputs were acknowledged. */
  readonly onChange: () => void;
  readonly onFailure: (cause: unknown) => void;
}

export interface Opened {
  readonly inbox: Inbox;
  readonly outputs: Outputs;
  readonly sources: Sources;
  readonly turns: TurnLog;
  readonly work: Work;
  readonly clock: ProcessingClock;
  readonly checkpointer: Checkpointer;
}

/** Makes what processes records, as the checkpoint left it; nothing is read yet. */
export async function openParts(
  parts: RunnerParts,
  latest: Checkpoint | undefined,
  open: OpenOptions,
): Promise<Opened> {
  const { checkpointDir, engine, fluvio, plan, store } = parts;
  const { log } = parts.options;
  const { now, onChange, onFailure, rejections } = open;
  const turns = await TurnLog.open(checkpointDir);
  const mayWrite = async (): Promise<void> => {
    try {
      await store.check();
    } catch (cause) {
      onFailure(cause);
      throw cause;
    }
  };
  const outputs = await Outputs.open({
    fluvio,
    plan,
    log,
    group: parts.group.index,
    positions: latest?.progress.outputs,
    isReplay: open.isReplay,
    mayWrite,
    turnsSynced: async () => {
      await mayWrite();
      await turns.synced();
    },
    onProgress: onChange,
  });
  const inbox = new Inbox(describeSources(plan), latest?.progress.seen ?? {});
  const sources = new Sources({ fluvio, plan, inbox, onRecords: onChange, onFailure });
  const declared = latest?.progress.declared ?? {};
  const work = new Work({ plan, engine, inbox, outputs, turns, rejections, now, declared });
  const clock = new ProcessingClock(now());
  const kept = { plan, engine, store, checkpointDir, inbox, outputs, turns, work, clock };
  const checkpointer = new Checkpointer({ ...kept, log, onFailure });
  return { inbox, outputs, sources, turns, work, clock, checkpointer };
}

function describeSources(plan: Plan): { topic: string; tag: number | undefined }[] {
  const tag = tagOf(plan);
  return plan.sources.map(({ topic }, source) => ({
    topic,
    tag: isIntermediate(plan, source) ? tag : undefined,
  }));
}
