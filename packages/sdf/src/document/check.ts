/**
 * What is between the operators: topics exist, states exist, and each operator takes what the one before it gives. Checked
 * here, because rustc would point at generated code.
 */
import type { Dataflow, Edge, Operator, Place, Service, State, Topic, Window } from "./ir.ts";
import { RUST_PRIMITIVE } from "./ir.ts";
import { closest } from "./names.ts";
import { scheduleId } from "./read-schedules.ts";
import type { Reader } from "./reader.ts";
import { keyValue, RustTypes } from "./rust-types.ts";
import { genericArguments } from "./signature.ts";

const RAW_TYPE = /^(?:String|bool|Vec<u8>|[ui](?:8|16|32|64)|f(?:32|64))$/;

/** What arrives at an operator. `type` is undefined after a problem that has been reported. */
interface Flow {
  readonly type: string | undefined;
  readonly key: string | undefined;
}

export function checkDataflow(reader: Reader, dataflow: Dataflow): void {
  const checker = new Checker(reader, dataflow);
  for (const topic of dataflow.topics) checker.topic(topic);
  for (const service of dataflow.services) checker.service(service);
}

class Checker {
  readonly #reader: Reader;
  readonly #dataflow: Dataflow;
  readonly #types: RustTypes;

  constructor(reader: Reader, dataflow: Dataflow) {
    this.#reader = reader;
    this.#dataflow = dataflow;
    this.#types = new RustTypes(dataflow.types);
  }

  service(service: Service): void {
    for (const state of service.states) this.#state(service, state);
    let flow = this.#sources(service);
    flow = this.#chain(service.transforms, flow);
    const { window, partition } = service;
    if (window !== undefined) flow = this.#window(window, flow, service);
    if (partition !== undefined) {
      this.#assignKey(partition.assignKey, flow, service);
      flow = this.#chain(partition.transforms, flow);
      this.#updateState(partition.updateState, flow);
      if (partition.updateState !== undefined && service.sinks.length > 0)
        this.#reader.report(
          service.sinks[0]?.at ?? service.at,
          "nothing comes after update-state, so there is nothing to sink",
        );
    }
    for (const sink of service.sinks) this.#sink(sink, flow);
  }

  /** Bytes can be taken as they are only where they are one primitive. */
  topic(topic: Topic): void {
    const raw = (type: string): boolean => RAW_TYPE.test(this.#types.canonical(type));
    const value = this.#types.of(topic.value);
    if (topic.converter === "raw" && !raw(value)) {
      const hint =
        "set `converter: json` in the topic's schema or in config; without it SDF takes records raw";
      this.#reader.report(topic.at, `topic "${topic.id}" is raw, which ${value} cannot be`, hint);
    }
    if (topic.key !== undefined && !raw(this.#types.of(topic.key)))
      this.#reader.report(
        topic.at,
        `the key of topic "${topic.id}" must be a primitive: keys are always raw`,
      );
  }

  #topic(edge: Edge): Topic | undefined {
    const topics = this.#dataflow.topics;
    const topic = topics.find((candidate) => candidate.id === edge.topic);
    if (topic !== undefined) return topic;
    const isSchedule = edge.topic.startsWith(scheduleId(""));
    const alike = topics.filter(({ cron }) => (cron !== undefined) === isSchedule);
    const near = closest(
      edge.topic,
      alike.map(({ id }) => id),
    );
    // "schedule daily" is how both are called inside.
    const named = (id: string): string => `"${isSchedule ? id.slice(scheduleId("").length) : id}"`;
    const kind = isSchedule ? "schedule" : "topic";
    const hint =
      near === undefined
        ? `define it under ${isSchedule ? "schedule" : "topics"}`
        : `did you mean ${named(near)}?`;
    return this.#reader.report(edge.at, `unknown ${kind} ${named(edge.topic)}`, hint);
  }

  #state(service: Service, state: State): void {
    const same = service.states.filter((other) => other.identifier === state.identifier);
    if (same.length > 1 && same[0] !== state)
      this.#reader.report(state.at, `two states are called ${state.identifier} in Rust`);
    if (state.kind === "own") {
      if (state.ttlMs !== undefined && service.window !== undefined)
        this.#reader.report(
          state.at,
          "ttl has no effect on the state of a window",
          "it ends with its window",
        );
      return;
    }
    const owner = this.#dataflow.services.find((other) => other.name === state.service);
    const found = owner?.states.find((other) => other.name === state.state);
    if (owner === undefined) this.#reader.report(state.at, `unknown service "${state.service}"`);
    else if (found?.kind !== "own") {
      const names = owner.states.flatMap((other) => (other.kind === "own" ? [other.name] : []));
      const hint = names.length === 0 ? "it has none of its own" : `it has: ${names.join(", ")}`;
      this.#reader.report(
        state.at,
        `service "${state.service}" has no state "${state.state}"`,
        hint,
      );
    }
  }

  #sources(service: Service): Flow {
    let flow: Flow | undefined;
    for (const source of service.sources) {
      const topic = this.#topic(source);
      const key = topic?.key === undefined ? undefined : this.#types.of(topic.key);
      const start: Flow = {
        type: topic === undefined ? undefined : this.#types.of(topic.value),
        key,
      };
      const end = this.#chain(source.transforms, start);
      if (flow?.type === undefined) flow = end;
      else if (end.type !== undefined && !this.#types.same(flow.type, end.type)) {
        const message = `the sources of "${service.name}" differ: ${flow.type} and ${end.type}`;
        this.#reader.report(
          source.at,
          message,
          "add transforms to a source until all give one type",
        );
      }
    }
    return flow ?? { type: undefined, key: undefined };
  }

  #sink(sink: Edge, flow: Flow): void {
    const topic = this.#topic(sink);
    const end = this.#chain(sink.transforms, flow);
    if (topic === undefined || end.type === undefined) return;
    const expected = this.#types.of(topic.value);
    if (!this.#types.same(end.type, expected)) {
      const item = this.#types.item(end.type);
      const list = item !== undefined && this.#types.same(item, expected);
      const hint = list
        ? "add a flat-map to the sink's transforms to send each item"
        : "add transforms to the sink";
      this.#reader.report(
        sink.at,
        `topic "${topic.id}" takes ${expected}, but gets ${end.type}`,
        hint,
      );
    }
    if (
      topic.key !== undefined &&
      end.key !== undefined &&
      !this.#types.same(this.#types.of(topic.key), end.key)
    ) {
      const message = `topic "${topic.id}" has keys of ${this.#types.of(topic.key)}, but gets ${end.key}`;
      this.#reader.report(sink.at, message);
    }
  }

  #window(window: Window, flow: Flow, service: Service): Flow {
    const { assignTimestamp, partition, flush } = window;
    if (assignTimestamp !== undefined) {
      this.#input(assignTimestamp, flow, { extra: "i64" });
      this.#output(assignTimestamp, "i64");
    }
    let inner = this.#chain(window.transforms, flow);
    if (partition !== undefined) {
      this.#assignKey(partition.assignKey, inner, service);
      inner = this.#chain(partition.transforms, inner);
      this.#updateState(partition.updateState, inner);
    }
    this.#updateState(window.updateState, inner);
    if (flush === undefined) {
      if (service.sinks.length > 0)
        this.#reader.report(window.at, "a window with sinks needs flush");
      return { type: undefined, key: undefined };
    }
    if (flush.signature.parameters.length > 0)
      this.#reader.report(
        flush.signature.at,
        "flush takes no parameters",
        "read the states with sql()",
      );
    return { type: flush.signature.output, key: undefined };
  }

  #assignKey(operator: Operator, flow: Flow, service: Service): void {
    this.#input(operator, flow);
    const type = this.#types.canonical(operator.signature.output);
    for (const state of service.states) {
      // A number becomes a text where the state's key is one, as SDF's own examples have it.
      if (state.kind !== "own" || RUST_PRIMITIVE[state.key] === type || state.key === "string")
        continue;
      const message = `assign-key gives ${type}, but state "${state.name}" has keys of ${state.key}`;
      this.#reader.report(
        operator.signature.outputAt,
        message,
        `the state is at line ${state.at.line}`,
      );
    }
    if (!/^(String|bool|[ui](8|16|32|64))$/.test(type))
      this.#reader.report(
        operator.signature.outputAt,
        `${type} cannot be a key`,
        "String, bool or an integer type",
      );
  }

  #updateState(operator: Operator | undefined, flow: Flow): void {
    if (operator === undefined) return;
    this.#input(operator, flow);
    this.#output(operator, "()");
  }

  #chain(operators: readonly Operator[], start: Flow): Flow {
    let flow = start;
    for (const operator of operators) {
      this.#input(operator, flow);
      flow = this.#step(operator, flow);
    }
    return flow;
  }

  #step(operator: Operator, flow: Flow): Flow {
    const { output } = operator.signature;
    const after = (type: string): Flow => {
      const pair = keyValue(type);
      return pair === undefined ? { type, key: flow.key } : { type: pair.value, key: pair.key };
    };
    switch (operator.kind) {
      case "filter":
        this.#output(operator, "bool");
        return flow;
      case "filter-map": {
        const inner = genericArguments(output, "Option")?.[0];
        if (inner !== undefined) return after(inner);
        return this.#wrong(operator, "Option<…>");
      }
      case "flat-map": {
        const inner = genericArguments(output, "Vec")?.[0] ?? this.#types.item(output);
        if (inner !== undefined) return after(inner);
        return this.#wrong(operator, "Vec<…>");
      }
      case "map":
        return after(output);
      case "assign-timestamp":
      case "assign-key":
      case "update-state":
      case "flush":
        return flow;
    }
  }

  #wrong(operator: Operator, expected: string): Flow {
    const { name, output, outputAt } = operator.signature;
    this.#reader.report(
      outputAt,
      `${operator.kind} ${name} must return Result<${expected}>, not Result<${output}>`,
    );
    return { type: undefined, key: undefined };
  }

  #output(operator: Operator, expected: string): void {
    if (!this.#types.same(operator.signature.output, expected)) this.#wrong(operator, expected);
  }

  /** `(value)`, `(key, value)`, and for assign-timestamp one more. */
  #input(operator: Operator, flow: Flow, { extra }: { extra?: string } = {}): void {
    const { parameters, name, at } = operator.signature;
    const rest = extra === undefined ? [...parameters] : parameters.slice(0, -1);
    const value = rest.at(-1);
    const key = rest.length === 2 ? rest[0] : undefined;
    const last = parameters.at(-1);
    if (value === undefined || rest.length > 2 || (extra !== undefined && last?.type !== extra)) {
      const time = extra === undefined ? "" : `, event_time: ${extra}`;
      const message = `${operator.kind} ${name} takes (value: ${flow.type ?? "…"}${time})`;
      this.#reader.report(
        at,
        message,
        `or with the record's key in front: (key: Option<…>, value: …${time})`,
      );
      return;
    }
    this.#match(value.type, flow.type, { name, at: value.at });
    if (key === undefined) return;
    const inner = genericArguments(key.type, "Option")?.[0];
    if (inner === undefined)
      this.#reader.report(
        key.at,
        `the key of ${name} must be an Option`,
        "a record may have no key",
      );
    else if (flow.key !== undefined) this.#match(inner, flow.key, { name, at: key.at });
  }

  #match(takes: string, gets: string | undefined, { name, at }: { name: string; at: Place }): void {
    if (gets === undefined || this.#types.same(takes, gets)) return;
    this.#reader.report(
      at,
      `${name} takes ${takes}, but gets ${gets}`,
      "change the parameter, or add a map before it",
    );
  }
}
