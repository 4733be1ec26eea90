/** A built dataflow in an engine of its own, fed with values, without a server or a clock. */
import { readFile } from "node:fs/promises";
import { DataflowEngine, type Rejection } from "@arenaflow/sdf/engine";

const DATAFLOWS = new URL("../../../dataflows/", import.meta.url);

export interface Output {
  readonly topic: string;
  readonly value: unknown;
}

export class EngineRun {
  readonly #engine: DataflowEngine;
  readonly #nextOffset = new Map<string, number>();
  readonly outputs: Output[] = [];
  readonly rejections: Rejection[] = [];

  private constructor(engine: DataflowEngine) {
    this.#engine = engine;
  }

  /** @param name folder of the dataflow in `dataflows/` */
  static async of(name: string): Promise<EngineRun> {
    const bytes = await readFile(new URL(`${name}/dataflow.wasm`, DATAFLOWS));
    return new EngineRun(new DataflowEngine(await WebAssembly.compile(bytes)));
  }

  reads(topic: string): boolean {
    return this.#engine.plan.sources.some((source) => source.topic === topic);
  }

  /** Feeds records of one topic, each a JSON text, written to it at `atMs`. */
  feed(topic: string, lines: readonly string[], atMs: number): void {
    const source = this.#engine.plan.sources.findIndex((candidate) => candidate.topic === topic);
    if (source < 0) throw new Error(`The dataflow does not read ${topic}.`);
    const first = this.#nextOffset.get(topic) ?? 0;
    this.#nextOffset.set(topic, first + lines.length);
    const encoder = new TextEncoder();
    const records = lines.map((line, index) => ({
      offset: first + index,
      timestamp: atMs,
      key: null,
      value: encoder.encode(line),
    }));
    this.#engine.process({ source, partition: 0, records }, atMs);
    this.#collect(atMs);
  }

  tick(nowMs: number): void {
    this.#engine.tick(nowMs);
    this.#collect(nowMs);
  }

  /** Closes every window. */
  finish(): void {
    this.#engine.finish();
    this.#collect(0);
  }

  get late(): number {
    return this.#engine.stats().services.reduce((sum, service) => sum + service.late, 0);
  }

  /** Whether a text is anywhere in the state. */
  stateHolds(text: string): boolean {
    return Buffer.from(this.#engine.snapshot()).includes(text);
  }

  /** Values written to a topic, in their order. */
  values<T>(topic: string): T[] {
    return this.outputs.filter((output) => output.topic === topic).map(({ value }) => value as T);
  }

  /** Takes what came out; what the dataflow also reads comes in again, as it does under the runner. */
  #collect(nowMs: number): void {
    const { sources, sinks } = this.#engine.plan;
    const decoder = new TextDecoder();
    for (let drained = this.#engine.drain(); drained.length > 0; drained = this.#engine.drain()) {
      for (const { sink, key, value, timestamp } of drained) {
        const topic = sinks[sink]?.topic ?? "";
        const text = decoder.decode(value);
        this.outputs.push({ topic, value: text.startsWith("{") ? JSON.parse(text) : text });
        const source = sources.findIndex((candidate) => candidate.topic === topic);
        if (source < 0) continue;
        const offset = this.#nextOffset.get(topic) ?? 0;
        this.#nextOffset.set(topic, offset + 1);
        const records = [{ offset, timestamp, key, value }];
        this.#engine.process({ source, partition: 0, records }, nowMs);
      }
    }
    this.rejections.push(...this.#engine.takeRejections());
  }
}
