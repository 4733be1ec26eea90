/**
 * One shard of the durable buffer between the edge and Fluvio: a Durable Object on SQLite.
 *
 * Promises:
 * - `append` returns after its events are on disk. Several appends share one commit.
 * - Each topic's events have positions 1, 2, 3, … without gaps, in the order of their commits.
 * - The feed sends a position only after it is on disk: a position that was sent never comes to mean
 *   another event after a crash.
 * - Events are deleted after they were acknowledged, and for no other reason.
 *
 * Who acknowledges: the dataflows, through the topic feed-acks and `POST /v1/acks`, after they have
 * processed a record. Reading the feed acknowledges nothing.
 */
import {
  TOMBSTONES_TOPIC,
  type EventTopic,
  type FeedTopic,
  type PlayerTombstone,
} from "@arenaflow/events";
import { DurableObject } from "cloudflare:workers";

import type { Env } from "../env.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { settingsOf, type Settings } from "../settings.ts";
import type { Range } from "./acknowledged.ts";
import { anonymousBatch, isOfPlayer, type Erasure } from "./anonymous.ts";
import { Dedupe } from "./dedupe.ts";
import { Group } from "./group.ts";
import { Lanes } from "./lanes.ts";
import { withoutLines } from "./lines.ts";
import type {
  AppendRequest,
  AppendResult,
  Batch,
  CountedTopic,
  Erased,
  FeedRead,
  FeedRequest,
  KeptRejection,
  LaneStatus,
  Parcel,
  RawForm,
} from "./messages.ts";
import { Recent } from "./recent.ts";
import { laneStatus } from "./status.ts";
import { JournalStore, type TopicState } from "./store.ts";

/** The topics whose events name players. */
const OF_PLAYERS = ["player-events", "purchases"] as const satisfies readonly EventTopic[];

type Topics = Record<FeedTopic, TopicState>;

export class Journal extends DurableObject<Env> {
  readonly #settings: Settings;
  readonly #lanes: Lanes;
  readonly #store: JournalStore;
  readonly #dedupe: Dedupe;
  #topics: Topics;
  #backlogBytes: number;
  /** What the next commit writes. */
  #pending: Group | undefined;
  /** Reads of the feed that wait for something to send. */
  readonly #waiting = new Set<() => void>();
  readonly #recent = new Recent();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#settings = settingsOf(env);
    this.#lanes = new Lanes(ctx.storage.sql);
    this.#store = new JournalStore(ctx.storage.sql);
    this.#dedupe = new Dedupe(ctx.storage.sql, {
      keepMs: this.#settings.dedupeMs,
      idsMax: this.#settings.dedupeIdsMax,
    });
    this.#topics = this.#load();
    this.#backlogBytes = this.#store.backlogBytes();
  }

  /** Stores the events of one request. Returns when they are on disk. */
  async append(request: AppendRequest): Promise<AppendResult> {
    const { title, receivedMs, token } = request;
    if (request.parcels.length > 0 && token === undefined && !this.hasRoom()) {
      return { outcome: "backlog_full" };
    }
    if (token !== undefined) {
      const before = await this.#answered(token);
      if (before !== undefined) return { outcome: "stored", duplicates: before };
    }
    const group = (this.#pending ??= this.#open());
    let duplicates = 0;
    for (const sent of request.parcels) {
      const parcel = this.#withoutDuplicates(sent, receivedMs);
      const dropped = sent.count - parcel.count;
      duplicates += dropped;
      this.#lanes.count("duplicates", dropped, { title, topic: sent.topic });
      if (parcel.count === 0) continue;
      group.add({ parcel, title, receivedMs });
      this.#backlogBytes += parcel.body.byteLength;
    }
    for (const { topic, count } of request.rejected ?? []) {
      this.#lanes.count("rejected", count, { title, topic });
    }
    this.#lanes.count("notMapped", request.notMapped ?? 0, { title, topic: "unknown" });
    group.rejections.push(...(request.rejections ?? []));
    if (token !== undefined) group.answers.push({ token, duplicates });
    await group.done;
    return { outcome: "stored", duplicates };
  }

  /** What was answered before to the same request; it may still be on its way to the disk. */
  async #answered(token: string): Promise<number | undefined> {
    const group = this.#pending;
    if (group?.answers.some((answer) => answer.token === token) === true) await group.done;
    return this.#store.answered(token);
  }

  /** Whether events are taken. */
  hasRoom(): boolean {
    return this.#backlogBytes <= this.#settings.backlogBytesMax;
  }

  /** Notes positions that were processed. Returns when that is on disk. */
  async acknowledge(topic: FeedTopic, ranges: readonly Range[]): Promise<void> {
    const state = this.#topics[topic];
    if (!state.acknowledged.add(ranges, state.durable)) return;
    state.dirty = true;
    state.deletable = true;
    this.#pending ??= this.#open();
    await this.#pending.done;
  }

  /** Reads what comes after a position, and waits for it when there is nothing to send yet. */
  async read(request: FeedRequest): Promise<FeedRead> {
    const deadline = Date.now() + request.waitMs;
    if (request.topic === TOMBSTONES_TOPIC) await this.#dropOldTombstones();
    const after = request.after ?? this.#topics[request.topic].acknowledged.position;
    for (;;) {
      const found = this.#readNow(request.topic, after);
      const left = deadline - Date.now();
      if (found.position > after || left <= 0) return found;
      await this.#change(left);
    }
  }

  /** What became of the events of each title and topic. */
  status(): readonly LaneStatus[] {
    return laneStatus(this.#lanes.all(), (topic) => ({
      rows: this.#store.held(topic),
      acknowledged: this.#topics[topic].acknowledged,
    }));
  }

  /** The newest batches of a title's topic or of all, newest first. */
  recent(title: string, topic: EventTopic | undefined): readonly Batch[] {
    return this.#recent.of(title, topic);
  }

  /** A title's newest rejected events, newest first, each as JSON. */
  rejected(title: string, topic: CountedTopic | undefined, limit: number): readonly string[] {
    return this.#store.rejections(title, topic, limit).map(({ item }) => item);
  }

  /** The same with their numbers, for those who replay them. */
  keptRejections(
    title: string,
    topic: CountedTopic | undefined,
    limit: number,
  ): readonly KeptRejection[] {
    return this.#store.rejections(title, topic, limit);
  }

  /** Forgets rejected events that were taken after all. */
  dropRejections(numbers: readonly number[]): void {
    this.#store.dropRejections(numbers);
  }

  /** Makes what it holds of a player anonymous. Returns when that is on disk. */
  async forget(erasure: Erasure): Promise<Erased> {
    this.#pending?.start();
    await this.#pending?.done;
    const erased = this.ctx.storage.transactionSync(() => this.#erase(erasure));
    this.#recent.rewrite(erasure.title, ({ batch }) => {
      return anonymousBatch(batch, erasure)?.batch ?? batch;
    });
    await this.ctx.storage.sync();
    return erased;
  }

  /** Puts on the feed that a player was forgotten. Returns when that is on disk. */
  async bury(tombstone: Omit<PlayerTombstone, "feed">): Promise<void> {
    const state = this.#topics[TOMBSTONES_TOPIC];
    const body = new TextEncoder().encode(`${JSON.stringify(tombstone)}\n`);
    const { title_id: title, received_at: receivedMs } = tombstone;
    this.ctx.storage.transactionSync(() => {
      const batch = { firstSeq: state.last + 1, count: 1, body, raw: null };
      this.#store.writeBatch(TOMBSTONES_TOPIC, batch, { title, receivedMs });
      state.last += 1;
      this.#store.saveTopic(state);
    });
    this.#backlogBytes += body.byteLength;
    await this.ctx.storage.sync();
    state.durable = state.last;
    for (const wake of this.#waiting) wake();
  }

  #erase(erasure: Erasure): Erased {
    const { title, playerId } = erasure;
    const idInJson = JSON.stringify(playerId).slice(1, -1);
    let events = 0;
    for (const topic of OF_PLAYERS) {
      for (const batch of this.#store.holding(topic, title, idInJson)) {
        const rewritten = anonymousBatch(batch, erasure);
        if (rewritten === undefined) continue;
        events += rewritten.events;
        this.#store.rewriteBatch(topic, rewritten.batch);
        this.#backlogBytes += rewritten.batch.body.byteLength - batch.body.byteLength;
      }
    }
    const rejected = this.#store
      .rejections(title, undefined, INGEST_LIMITS.rejectedKeptMax)
      .filter(({ item }) => isOfPlayer(item, playerId));
    this.#store.dropRejections(rejected.map(({ n }) => n));
    return { events, rejected: rejected.length };
  }

  /** Where no dataflow acknowledges tombstones, they are repeated for a time only. */
  async #dropOldTombstones(): Promise<void> {
    const beforeMs = Date.now() - INGEST_LIMITS.tombstoneMs;
    const old = this.#store.held(TOMBSTONES_TOPIC).findLast((row) => row.receivedMs < beforeMs);
    if (old !== undefined) await this.acknowledge(TOMBSTONES_TOPIC, [[1, old.firstSeq]]);
  }

  #load(): Topics {
    this.#dedupe.load(Date.now());
    this.#lanes.load();
    return {
      "player-events": this.#loadTopic("player-events"),
      purchases: this.#loadTopic("purchases"),
      "server-metrics": this.#loadTopic("server-metrics"),
      [TOMBSTONES_TOPIC]: this.#store.loadTopic(TOMBSTONES_TOPIC),
    };
  }

  /** Positions and counters as they were saved, and what the batches tell that came since. */
  #loadTopic(topic: EventTopic): TopicState {
    const state = this.#store.loadTopic(topic);
    for (const { title, count } of this.#store.heldBehind(topic, state.last)) {
      this.#lanes.count("accepted", count, { title, topic });
      state.last += count;
      state.dirty = true;
    }
    state.durable = state.last;
    return state;
  }

  #withoutDuplicates(parcel: Parcel, nowMs: number): Parcel {
    if (parcel.fingerprints === undefined) return parcel;
    const duplicates = this.#dedupe.claim(parcel.fingerprints, nowMs);
    if (duplicates.length === 0) return parcel;
    const { topic, body, raw } = parcel;
    const count = parcel.count - duplicates.length;
    if (raw === undefined) return { topic, count, body: withoutLines(body, duplicates) };
    const form = JSON.parse(raw) as RawForm;
    const leftOut = [...form.leftOut, ...duplicates].toSorted((a, b) => a - b);
    return { topic, count, body, raw: JSON.stringify({ ...form, leftOut }) };
  }

  /** Opens a group: whoever comes within the next milliseconds shares its commit. */
  #open(): Group {
    return new Group(this.#settings.groupCommitMs, async (group) => this.#commit(group));
  }

  async #commit(group: Group): Promise<void> {
    this.#pending = undefined;
    try {
      this.ctx.storage.transactionSync(() => this.#write(group));
    } catch (error) {
      // Nothing was written: forget positions and ids that were given to these events.
      this.#topics = this.#load();
      this.#backlogBytes = this.#store.backlogBytes();
      throw error;
    }
    const written = Object.values(this.#topics).map((state) => ({ state, last: state.last }));
    await this.ctx.storage.sync();
    for (const { state, last } of written) state.durable = Math.max(state.durable, last);
    for (const wake of this.#waiting) wake();
  }

  #write(group: Group): void {
    for (const row of group.rows()) {
      const { topic, title, count, body, raw } = row;
      const state = this.#topics[topic];
      const batch = { firstSeq: state.last + 1, count, body, raw };
      this.#store.writeBatch(topic, batch, row);
      this.#recent.add(title, { topic, batch });
      this.#lanes.count("accepted", count, { title, topic });
      state.last += count;
      state.dirty = true;
    }
    if (group.rejections.length > 0) this.#store.addRejections(group.rejections);
    for (const { token, duplicates } of group.answers) {
      this.#store.rememberAnswer(token, { duplicates, nowMs: Date.now() });
    }
    this.#dedupe.save(Date.now());
    const states = Object.values(this.#topics);
    // Mostly the batches tell all that there is to know: every row and page less makes a commit cheaper.
    if (this.#lanes.isToldByBatches && !states.some(({ deletable }) => deletable)) return;
    this.#lanes.save();
    for (const state of states) {
      if (!state.dirty) continue;
      if (state.deletable) this.#deleteAcknowledged(state);
      this.#store.saveTopic(state);
      state.dirty = false;
    }
  }

  #deleteAcknowledged(state: TopicState): void {
    const { position, islands } = state.acknowledged;
    for (const done of [[1, position] as const, ...islands]) {
      this.#backlogBytes -= this.#store.deleteWithin(state.topic, done);
    }
    state.deletable = false;
  }

  #readNow(topic: FeedTopic, after: number): FeedRead {
    const { acknowledged, durable } = this.#topics[topic];
    // What was acknowledged meanwhile need not be sent any more.
    const from = Math.max(after, acknowledged.position);
    const until = Math.min(durable, acknowledged.windowEnd(this.#settings.feedWindow));
    if (from >= until) return { position: after, batches: [], after };
    let bytes = 0;
    let position = from;
    const batches = this.#store.read(topic, from, (batch) => {
      if (batch.firstSeq > until || bytes >= INGEST_LIMITS.feedReadBytes) return "stop";
      position = batch.firstSeq + batch.count - 1;
      if (acknowledged.covers(Math.max(batch.firstSeq, from + 1), position)) return "skip";
      bytes += batch.body.byteLength;
      return "take";
    });
    return { position, batches, after: from };
  }

  /** Waits for a commit or an acknowledgement, or for the time to run out. */
  async #change(waitMs: number): Promise<void> {
    const changed = Promise.withResolvers<void>();
    this.#waiting.add(changed.resolve);
    const timer = setTimeout(changed.resolve, waitMs);
    await changed.promise;
    clearTimeout(timer);
    this.#waiting.delete(changed.resolve);
  }
}
