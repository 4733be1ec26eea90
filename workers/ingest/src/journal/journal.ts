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
import { EVENT_TOPICS, type EventTopic } from "@arenaflow/events";
import { DurableObject } from "cloudflare:workers";

import type { Env } from "../env.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { settingsOf, type Settings } from "../settings.ts";
import type { Range } from "./acknowledged.ts";
import { Dedupe } from "./dedupe.ts";
import { joinBodies, withoutLines } from "./lines.ts";
import type {
  AppendRequest,
  AppendResult,
  Batch,
  CountedTopic,
  FeedRead,
  FeedRequest,
  JournalStatus,
  KeptRejection,
  Parcel,
  Rejection,
  TopicStatus,
} from "./messages.ts";
import { JournalStore, type TopicState } from "./store.ts";

/** The counter of events of another vocabulary that no topic can hold. */
const NOT_MAPPED = "not_mapped";

type Topics = Record<CountedTopic, TopicState>;

/** What the next commit writes. */
interface Pending {
  readonly parcels: { readonly parcel: Parcel; readonly receivedMs: number }[];
  readonly rejections: Rejection[];
  notMapped: number;
  bytes: number;
  readonly done: Promise<void>;
  readonly start: () => void;
}

export class Journal extends DurableObject<Env> {
  readonly #settings: Settings;
  readonly #store: JournalStore;
  readonly #dedupe: Dedupe;
  #topics: Topics;
  #backlogBytes: number;
  #pending: Pending | undefined;
  /** Reads of the feed that wait for something to send. */
  readonly #waiting = new Set<() => void>();
  /** The newest batches, oldest first, for people to look at. */
  readonly #recent: { readonly topic: EventTopic; readonly batch: Batch }[] = [];
  #recentBytes = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#settings = settingsOf(env);
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
    if (request.parcels.length > 0 && request.promised !== true && !this.hasRoom()) {
      return { outcome: "backlog_full" };
    }
    const pending = (this.#pending ??= this.#open());
    let duplicates = 0;
    for (const sent of request.parcels) {
      const parcel = this.#withoutDuplicates(sent, request.receivedMs);
      const dropped = sent.count - parcel.count;
      if (dropped > 0) {
        duplicates += dropped;
        this.#topics[sent.topic].duplicates += dropped;
        this.#topics[sent.topic].dirty = true;
      }
      if (parcel.count === 0) continue;
      pending.parcels.push({ parcel, receivedMs: request.receivedMs });
      pending.bytes += parcel.body.byteLength;
      this.#backlogBytes += parcel.body.byteLength;
    }
    for (const { topic, count } of request.rejected) {
      this.#topics[topic].rejected += count;
      this.#topics[topic].dirty = true;
    }
    pending.rejections.push(...request.rejections);
    pending.notMapped += request.notMapped ?? 0;
    if (pending.bytes >= INGEST_LIMITS.groupCommitBytes) pending.start();
    await pending.done;
    return { outcome: "stored", duplicates };
  }

  /** Whether events are taken. */
  hasRoom(): boolean {
    return this.#backlogBytes <= this.#settings.backlogBytesMax;
  }

  /** Notes positions that were processed. Returns when that is on disk. */
  async acknowledge(topic: EventTopic, ranges: readonly Range[]): Promise<void> {
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
    const after = request.after ?? this.#topics[request.topic].acknowledged.position;
    for (;;) {
      const found = this.#readNow(request.topic, after);
      const left = deadline - Date.now();
      if (found.position > after || left <= 0) return found;
      await this.#change(left);
    }
  }

  status(): JournalStatus {
    const topics = {} as Record<CountedTopic, TopicStatus>;
    for (const state of Object.values(this.#topics)) {
      topics[state.topic] = {
        accepted: state.durable,
        duplicates: state.duplicates,
        rejected: state.rejected,
        acknowledged: state.acknowledged.position,
        backlog: state.durable - state.acknowledged.position - state.acknowledged.ahead,
        oldestMs: state.topic === "unknown" ? null : this.#store.oldestMs(state.topic),
      };
    }
    const notMapped = this.#store.count(NOT_MAPPED);
    return { backlogBytes: this.#backlogBytes, notMapped, topics };
  }

  /** The newest batches of a topic or of all, newest first. */
  recent(topic: EventTopic | undefined): readonly Batch[] {
    const wanted = this.#recent.filter((entry) => topic === undefined || entry.topic === topic);
    return wanted.toReversed().map((entry) => entry.batch);
  }

  /** The newest rejected events, newest first, each as JSON. */
  rejected(topic: CountedTopic | undefined, limit: number): readonly string[] {
    return this.#store.rejections(topic, limit).map(({ item }) => item);
  }

  /** The same with their numbers, for those who replay them. */
  keptRejections(topic: CountedTopic | undefined, limit: number): readonly KeptRejection[] {
    return this.#store.rejections(topic, limit);
  }

  /** Forgets rejected events that were taken after all. */
  dropRejections(numbers: readonly number[]): void {
    this.#store.dropRejections(numbers);
  }

  #load(): Topics {
    this.#dedupe.load(Date.now());
    return {
      "player-events": this.#store.loadTopic("player-events"),
      purchases: this.#store.loadTopic("purchases"),
      "server-metrics": this.#store.loadTopic("server-metrics"),
      unknown: this.#store.loadTopic("unknown"),
    };
  }

  #withoutDuplicates(parcel: Parcel, nowMs: number): Parcel {
    if (parcel.fingerprints === undefined) return parcel;
    const duplicates = this.#dedupe.claim(parcel.fingerprints, nowMs);
    if (duplicates.length === 0) return parcel;
    const { topic, body, raw } = parcel;
    const count = parcel.count - duplicates.length;
    if (raw === undefined) return { topic, count, body: withoutLines(body, duplicates) };
    const leftOut = [...raw.leftOut, ...duplicates].toSorted((a, b) => a - b);
    return { topic, count, body, raw: { ...raw, leftOut } };
  }

  /** Opens a group: whoever comes within the next milliseconds shares its commit. */
  #open(): Pending {
    const started = Promise.withResolvers<void>();
    const timer = setTimeout(started.resolve, INGEST_LIMITS.groupCommitMs);
    const pending: Pending = {
      parcels: [],
      rejections: [],
      notMapped: 0,
      bytes: 0,
      done: started.promise.then(() => {
        clearTimeout(timer);
        return this.#commit(pending);
      }),
      start: started.resolve,
    };
    return pending;
  }

  async #commit(pending: Pending): Promise<void> {
    this.#pending = undefined;
    try {
      this.ctx.storage.transactionSync(() => this.#write(pending));
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

  #write(pending: Pending): void {
    for (const topic of EVENT_TOPICS) this.#writeTopic(topic, pending);
    if (pending.notMapped > 0) this.#store.addCount(NOT_MAPPED, pending.notMapped);
    if (pending.rejections.length > 0) this.#store.addRejections(pending.rejections);
    this.#dedupe.save(Date.now());
    for (const state of Object.values(this.#topics)) {
      if (!state.dirty) continue;
      if (state.deletable) this.#deleteAcknowledged(state);
      this.#store.saveTopic(state);
      state.dirty = false;
    }
  }

  #deleteAcknowledged(state: TopicState): void {
    if (state.topic === "unknown") return;
    const { position, islands } = state.acknowledged;
    for (const done of [[1, position] as const, ...islands]) {
      this.#backlogBytes -= this.#store.deleteWithin(state.topic, done);
    }
    state.deletable = false;
  }

  /** Joins the lines of one topic into as few rows as fit; bodies as they came have their own rows. */
  #writeTopic(topic: EventTopic, pending: Pending): void {
    const state = this.#topics[topic];
    let bodies: Uint8Array[] = [];
    let bytes = 0;
    let count = 0;
    let receivedMs = 0;
    const flush = () => {
      if (count === 0) return;
      this.#writeBatch(state, { topic, count, body: joinBodies(bodies) }, receivedMs);
      bodies = [];
      bytes = 0;
      count = 0;
    };
    for (const entry of pending.parcels) {
      if (entry.parcel.topic !== topic) continue;
      if (entry.parcel.raw !== undefined) {
        flush();
        this.#writeBatch(state, entry.parcel, entry.receivedMs);
        continue;
      }
      if (bytes + entry.parcel.body.byteLength > INGEST_LIMITS.rowBytesMax) flush();
      if (count === 0) receivedMs = entry.receivedMs;
      bodies.push(entry.parcel.body);
      bytes += entry.parcel.body.byteLength;
      count += entry.parcel.count;
    }
    flush();
  }

  #writeBatch(state: TopicState, parcel: Parcel, receivedMs: number): void {
    const { topic, count, body } = parcel;
    const raw = parcel.raw === undefined ? null : JSON.stringify(parcel.raw);
    const batch = { firstSeq: state.last + 1, count, body, raw };
    this.#store.writeBatch(topic, batch, receivedMs);
    this.#remember(topic, batch);
    state.last += count;
    state.dirty = true;
  }

  #remember(topic: EventTopic, batch: Batch): void {
    this.#recent.push({ topic, batch });
    this.#recentBytes += batch.body.byteLength;
    while (this.#recentBytes > INGEST_LIMITS.recentBytesMax) {
      this.#recentBytes -= this.#recent.shift()?.batch.body.byteLength ?? 0;
    }
  }

  #readNow(topic: EventTopic, after: number): FeedRead {
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
