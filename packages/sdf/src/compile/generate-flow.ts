/** The way of a record: decode, the chain of operators of each service, windows, sinks. */
import type { Dataflow, Edge, Operator, Service, Topic, Window } from "../document/ir.ts";
import { RUST_PRIMITIVE } from "../document/ir.ts";
import { keyValue, type RustTypes } from "../document/rust-types.ts";
import { genericArguments } from "../document/signature.ts";
import { ownStates } from "./generate-states.ts";
import type { Numbering } from "./numbering.ts";
import { indent, rustString } from "./rust-text.ts";

/** The key of the record in hand: as it came, or as an operator has set it (an `Option`, in a variable). */
type KeyInHand = { readonly kind: "raw" } | { readonly kind: "typed"; readonly variable: string };

/** A value on its way through a chain. `drop` is the statement that ends its way. */
interface InHand {
  readonly value: string;
  readonly key: KeyInHand;
  readonly drop: string;
}

type Rest = (hand: InHand) => string[];

const RAW: KeyInHand = { kind: "raw" };

export class FlowGenerator {
  readonly #dataflow: Dataflow;
  readonly #numbering: Numbering;
  readonly #types: RustTypes;
  /** Services whose windowed states are read from outside. */
  readonly #read: Set<string>;
  #variables = 0;

  constructor(dataflow: Dataflow, numbering: Numbering, types: RustTypes) {
    this.#dataflow = dataflow;
    this.#numbering = numbering;
    this.#types = types;
    const foreign = dataflow.services.flatMap((service) => service.states).filter((s) => s.kind === "foreign");
    this.#read = new Set(foreign.map((state) => state.service));
  }

  generate(): string[] {
    const { services } = this.#dataflow;
    const windowed = services.flatMap((service, index) => (service.window === undefined ? [] : [index]));
    const all = services.map((_, index) => index);
    const each = (text: (index: number) => string, list = all): string[] => indent(list.map(text));
    return [
      "pub mod flow {",
      ...indent([
        "use crate::rt::glue as g;",
        ...services.flatMap((service, index) => this.#service(service, index)),
        ...this.#numbering.sources.flatMap((topic, index) => this.#source(topic, index)),
        "#[inline]",
        "pub fn record(source: u32, record: &g::Record) {",
        ...indent(["match source {", ...this.#numbering.sources.map((_, i) => `    ${i} => source${i}(record),`), "    _ => {}", "}"]),
        "}",
        "#[inline]",
        "pub fn advance_seen(now_ms: f64) {",
        ...each((i) => `s${i}::advance_seen(now_ms);`, windowed),
        "}",
        "pub fn advance(now_ms: f64) {",
        ...each((i) => `s${i}::advance(now_ms);`, windowed),
        "}",
        "pub fn finish() {",
        ...each((i) => `s${i}::finish();`, windowed),
        "}",
        "pub fn expire(now_ms: f64) {",
        ...each((i) => `s${i}::expire(now_ms);`),
        "}",
        "pub fn save(out: &mut Vec<u8>, now_ms: f64) {",
        ...each((i) => `s${i}::save(out, now_ms);`),
        "}",
        "pub fn load(input: &mut g::Input<'_>) -> Option<()> {",
        ...each((i) => `s${i}::load(input)?;`),
        "    Some(())",
        "}",
        "pub fn reset() {",
        ...each((i) => `s${i}::reset();`),
        "}",
        "pub fn services() -> Vec<crate::rt::report::ServiceState> {",
        `    vec![${all.map((i) => `s${i}::state()`).join(", ")}]`,
        "}",
      ]),
      "}",
    ];
  }

  #id(item: Operator | Edge): number {
    return this.#numbering.idOf.get(item) ?? 0;
  }

  #fresh(prefix: string): string {
    this.#variables += 1;
    return `${prefix}${this.#variables}`;
  }

  // ---- sources ----

  /** A topic is decoded once for all services that read it. */
  #source(topic: Topic, index: number): string[] {
    const readers = this.#dataflow.services.flatMap((service, s) =>
      service.sources.flatMap((edge, e) => (edge.topic === topic.id ? [{ s, e, id: this.#id(edge) }] : [])),
    );
    const first = readers[0]?.id ?? 0;
    const type = this.#types.of(topic.value);
    const calls = readers.map(({ s, e, id }, at) => {
      const value = at === readers.length - 1 ? "value" : "value.clone()";
      return `g::passed(${id}); s${s}::from${e}(record, ${value});`;
    });
    const others = readers.slice(1).map(({ id }) => `g::failed_again(${id});`);
    const decode =
      topic.converter === "json"
        ? [
            "// The byte after the value is the sentinel that `process` has set.",
            "let mut reader = unsafe { g::Reader::new(record.value) };",
            "let decoded = g::Value::read(&mut reader).and_then(|value| reader.finish().map(|_| value));",
          ]
        : ["let decoded = g::Raw::from_raw(record.value);"];
    return [
      `fn source${index}(record: &g::Record) {`,
      ...indent([
        `g::enter(${first});`,
        ...decode,
        `let value: ${qualified(type, this.#types)} = match decoded {`,
        "    Ok(value) => value,",
        `    Err(fail) => { g::decode_failed(${first}, fail); ${others.join(" ")} return; }`,
        "};",
        ...calls,
      ]),
      "}",
    ];
  }

  // ---- services ----

  #service(service: Service, index: number): string[] {
    return [
      `pub mod s${index} {`,
      ...indent([
        "use crate::rt::glue as g;",
        `use crate::states::S${index} as States;`,
        ...(service.window === undefined
          ? this.#plainService(service, index)
          : this.#windowedService(service, service.window, index)),
        ...service.sources.flatMap((edge, at) => this.#entry(service, edge, { index, at })),
      ]),
      "}",
    ];
  }

  #keySlot(service: Service): string[] {
    const assign = (service.window?.partition ?? service.partition)?.assignKey;
    const type = assign === undefined ? "()" : this.#types.canonical(assign.signature.output);
    // A service without a partition has states too, with nothing to find a row by: the type is the state's then.
    const state = ownStates(service)[0];
    const slot = assign === undefined && state !== undefined ? RUST_PRIMITIVE[state.key] : type;
    return [`pub static KEY: g::Global<Option<${slot}>> = g::Global::new(None);`];
  }

  #plainService(service: Service, index: number): string[] {
    const sweep = ownStates(service).flatMap((state) =>
      state.ttlMs === undefined ? [] : [`states().${state.identifier}.get().expire(now_ms - ${state.ttlMs}f64);`],
    );
    const ttl = ownStates(service).flatMap((state) => state.ttlMs ?? []);
    const every = Math.max(1000, Math.floor(Math.min(...ttl, Number.MAX_SAFE_INTEGER) / 8));
    const expire =
      sweep.length === 0
        ? []
        : ["static NEXT: g::Global<f64> = g::Global::new(0.0);", "if now_ms < *NEXT.get() { return; }", `*NEXT.get() = now_ms + ${every}f64;`, ...sweep];
    return [
      ...this.#keySlot(service),
      "static STATES: g::Global<Option<States>> = g::Global::new(None);",
      "#[inline]",
      "pub fn states() -> &'static States { STATES.get().get_or_insert_with(States::default) }",
      "pub fn seen_from_outside() -> &'static States { states() }",
      "pub fn bounds() -> (i64, i64) { (i64::MIN, i64::MAX) }",
      "pub fn expire(now_ms: f64) {",
      ...indent(["states().tidy();", ...expire]),
      "}",
      "pub fn save(out: &mut Vec<u8>, _now_ms: f64) { states().save(out); }",
      "pub fn load(input: &mut g::Input<'_>) -> Option<()> { *STATES.get() = Some(States::load(input)?); Some(()) }",
      "pub fn reset() { *STATES.get() = None; *KEY.get() = None; }",
      "pub fn state() -> crate::rt::report::ServiceState {",
      `    crate::rt::report::ServiceState { name: ${rustString(service.name)}, open_windows: 0, watermark: None, rows: states().rows() }`,
      "}",
      `const INDEX: usize = ${index};`,
    ];
  }

  #windowedService(service: Service, window: Window, index: number): string[] {
    const idleness = window.idlenessMs === undefined ? "None" : `Some(${window.idlenessMs}f64)`;
    const keep = this.#read.has(service.name) ? ["it.last = Some(states);"] : [];
    const { flush } = window;
    const flushing =
      flush === undefined
        ? []
        : [
            "let record = &g::Record { key: None, value: &[], time_ms: (end - 1) as f64, partition: 0 };",
            "'all: loop {",
            ...indent([
              ...this.#call(flush, [], { value: "value", key: RAW, drop: "break 'all;" }, (hand) => [
                "g::flushed(INDEX);",
                ...this.#sinks(service, hand),
              ]),
              "break;",
            ]),
            "}",
          ];
    return [
      ...this.#keySlot(service),
      `const INDEX: usize = ${index};`,
      `const SPEC: g::WindowSpec = g::WindowSpec { duration_ms: ${window.durationMs}, slide_ms: ${window.slideMs}, grace_ms: ${window.graceMs}, idleness_ms: ${idleness} };`,
      "type Live = g::Windowed<States>;",
      "static LIVE: g::Global<Option<Live>> = g::Global::new(None);",
      "#[inline]",
      "fn live() -> &'static mut Live { LIVE.get().get_or_insert_with(|| Live::new(SPEC)) }",
      "pub fn states() -> &'static States { live().states() }",
      "pub fn seen_from_outside() -> &'static States { live().last_states() }",
      "pub fn bounds() -> (i64, i64) { live().bounds }",
      "fn flush(start: i64, end: i64, states: g::Rc<States>) {",
      ...indent([
        "let it = live();",
        "it.open(start, end, &states);",
        ...flushing,
        "it.close();",
        ...keep,
      ]),
      "}",
      "#[inline]",
      "pub fn advance_seen(now_ms: f64) { if live().seen.is_some() { advance(now_ms); } }",
      "pub fn advance(now_ms: f64) { let mark = live().advance(now_ms); while let Some((start, end, states)) = live().windows.take_due(mark) { flush(start, end, states); } }",
      "pub fn finish() { while let Some((start, end, states)) = live().windows.take_first() { flush(start, end, states); } }",
      "pub fn expire(_now_ms: f64) {}",
      "pub fn save(out: &mut Vec<u8>, now_ms: f64) { live().save(out, now_ms, States::save); }",
      "pub fn load(input: &mut g::Input<'_>) -> Option<()> { live().load(input, States::load) }",
      "pub fn reset() { *LIVE.get() = None; *KEY.get() = None; }",
      "pub fn state() -> crate::rt::report::ServiceState {",
      `    live().state(${rustString(service.name)}, States::rows)`,
      "}",
    ];
  }

  /** From one source of a service to its end. */
  #entry(service: Service, edge: Edge, { index, at }: { index: number; at: number }): string[] {
    const topic = this.#numbering.sources.find((candidate) => candidate.id === edge.topic);
    const type = topic === undefined ? "()" : qualified(this.#types.of(topic.value), this.#types);
    const source = topic === undefined ? 0 : this.#numbering.sources.indexOf(topic);
    const start: InHand = { value: "value", key: RAW, drop: "return;" };
    const operators = [...edge.transforms, ...service.transforms];
    const body = this.#chain(operators, start, (hand) => this.#body(service, hand, { index, source }));
    return [
      "#[inline]",
      `pub fn from${at}(record: &g::Record, value: ${type}) {`,
      ...indent(body),
      "}",
    ];
  }

  #body(service: Service, hand: InHand, { source }: { index: number; source: number }): string[] {
    const { window, partition } = service;
    if (window !== undefined) return this.#window(window, hand, source);
    if (partition === undefined) return this.#sinks(service, hand);
    return [
      ...this.#assignKey(partition.assignKey, hand),
      ...this.#chain(partition.transforms, hand, (inner) =>
        partition.updateState === undefined ? this.#sinks(service, inner) : this.#update(partition.updateState, inner),
      ),
    ];
  }

  #assignKey(operator: Operator, hand: InHand): string[] {
    const key = { ...hand, value: this.#fresh("key") };
    return this.#call(operator, [`${hand.value}.clone()`], key, (after) => [
      `*KEY.get() = Some(${after.value});`,
    ], hand.key);
  }

  #update(operator: Operator | undefined, hand: InHand): string[] {
    if (operator === undefined) return [];
    return this.#call(operator, [hand.value], { ...hand, value: "_done" }, () => [], hand.key);
  }

  #window(window: Window, hand: InHand, source: number): string[] {
    const time = this.#fresh("time");
    const { assignTimestamp } = window;
    const assign =
      assignTimestamp === undefined
        ? [`let ${time} = record.time_ms as i64;`]
        : this.#call(
            assignTimestamp,
            [`${hand.value}.clone()`, "record.time_ms as i64"],
            { ...hand, value: time },
            () => [],
            hand.key,
          );
    return [
      ...assign,
      `live().see(${source}, record.partition, ${time});`,
      ...this.#chain(window.transforms, hand, (inner) => this.#assigned(window, inner, time)),
    ];
  }

  /** The record goes into each of its windows that is still open. */
  #assigned(window: Window, hand: InHand, time: string): string[] {
    const sliding = window.kind === "sliding";
    const [loop, value] = [this.#fresh("'window"), this.#fresh("v")];
    const inner: InHand = { value, key: hand.key, drop: `continue ${loop};` };
    const { partition } = window;
    const end = (last: InHand): string[] => this.#update(window.updateState, last);
    const steps =
      partition === undefined
        ? end(inner)
        : [
            ...this.#assignKey(partition.assignKey, inner),
            ...this.#chain(partition.transforms, inner, (last) =>
              partition.updateState === undefined ? end(last) : this.#update(partition.updateState, last),
            ),
          ];
    const open = [
      `if !live().enter(start) { continue ${loop}; }`,
      "entered = true;",
      `let ${value} = ${hand.value}${sliding ? ".clone()" : ""};`,
      ...steps,
    ];
    const starts = sliding ? `live().windows.starts(${time})` : `std::iter::once(live().windows.start(${time}))`;
    // One window takes the value itself; the closure lets the compiler see that the loop runs once.
    const once = sliding ? [] : [`let mut once = Some(${hand.value});`];
    const take = sliding ? open : open.map((line) => (line.startsWith(`let ${value} =`) ? `let ${value} = match once.take() { Some(v) => v, None => break };` : line));
    return [
      "let mut entered = false;",
      ...once,
      `${loop}: for start in ${starts} {`,
      ...indent(take),
      "}",
      "live().close();",
      "if !entered { g::late(INDEX); }",
    ];
  }

  // ---- chains ----

  #chain(operators: readonly Operator[], hand: InHand, rest: Rest): string[] {
    const [operator, ...others] = operators;
    if (operator === undefined) return rest(hand);
    return this.#transform(operator, hand, (next) => this.#chain(others, next, rest));
  }

  #transform(operator: Operator, hand: InHand, rest: Rest): string[] {
    const id = this.#id(operator);
    const out = this.#fresh("v");
    const result = { ...hand, value: out };
    switch (operator.kind) {
      case "map":
        return this.#call(operator, [hand.value], result, (next) => this.#rekeyed(operator.signature.output, next, rest), hand.key);
      case "filter":
        return [
          ...this.#call(operator, [`${hand.value}.clone()`], result, () => [], hand.key),
          `if !${out} { g::filtered(${id}); ${hand.drop} }`,
          ...rest(hand),
        ];
      case "filter-map": {
        const inner = genericArguments(operator.signature.output, "Option")?.[0] ?? "";
        return this.#call(operator, [hand.value], result, (next) => [
          `let ${out} = match ${out} { Some(value) => value, None => { g::filtered(${id}); ${hand.drop} } };`,
          ...this.#rekeyed(inner, next, rest),
        ], hand.key);
      }
      case "flat-map": {
        const list = this.#types.canonical(operator.signature.output);
        const item = genericArguments(operator.signature.output, "Vec")?.[0] ?? genericArguments(list, "Vec")?.[0] ?? "";
        const loop = this.#fresh("'item");
        const each = { ...result, drop: `continue ${loop};` };
        return this.#call(operator, [hand.value], result, () => [
          `${loop}: for ${out} in ${out} {`,
          ...indent(this.#rekeyed(item, each, rest)),
          "}",
        ], hand.key);
      }
      case "assign-key":
      case "assign-timestamp":
      case "update-state":
      case "flush":
        return rest(hand);
    }
  }

  /** Takes a `(key, value)` result apart. */
  #rekeyed(type: string, hand: InHand, rest: Rest): string[] {
    if (keyValue(type) === undefined) return rest(hand);
    const key = this.#fresh("key");
    return [
      `let (${key}, ${hand.value}) = ${hand.value};`,
      ...rest({ ...hand, key: { kind: "typed", variable: key } }),
    ];
  }

  /** Calls the operator; its result is in the variable `result.value` for what follows. */
  #call(
    operator: Operator,
    values: readonly string[],
    result: InHand,
    rest: Rest,
    key: KeyInHand = RAW,
  ): string[] {
    const id = this.#id(operator);
    const { parameters } = operator.signature;
    const lines: string[] = [];
    const passed = [...values];
    if (parameters.length > values.length) {
      const variable = this.#fresh("k");
      const type = genericArguments(parameters[0]?.type ?? "", "Option")?.[0] ?? "String";
      lines.push(...keyFor(key, { variable, type: qualified(this.#types.canonical(type), this.#types), id, drop: result.drop }));
      passed.unshift(variable);
    }
    return [
      ...lines,
      `g::enter(${id});`,
      `let ${result.value} = match crate::op${id}::__call(${passed.join(", ")}) { Ok(value) => value, Err(error) => { g::failed(${id}, error); ${result.drop} } };`,
      `g::passed(${id});`,
      ...rest(result),
    ];
  }

  // ---- sinks ----

  #sinks(service: Service, hand: InHand): string[] {
    return service.sinks.flatMap((sink, at) => {
      const last = at === service.sinks.length - 1;
      const loop = this.#fresh("'sink");
      const value = this.#fresh("v");
      const inner: InHand = { value, key: hand.key, drop: `break ${loop};` };
      return [
        `${loop}: loop {`,
        ...indent([
          `let ${value} = ${hand.value}${last ? "" : ".clone()"};`,
          ...this.#chain(sink.transforms, inner, (end) => this.#emit(sink, end)),
          "break;",
        ]),
        "}",
      ];
    });
  }

  #emit(sink: Edge, hand: InHand): string[] {
    const index = this.#numbering.sinks.findIndex((topic) => topic.id === sink.topic);
    const topic = this.#numbering.sinks[index];
    const write = topic?.converter === "json" ? "g::Value::write" : "g::Raw::to_raw";
    const encode = `|out| ${write}(&${hand.value}, out)`;
    if (hand.key.kind === "raw") return [`g::emit(${index}, record.time_ms, record.key, ${encode});`];
    const bytes = this.#fresh("bytes");
    return [
      `let ${bytes} = ${hand.key.variable}.as_ref().map(|key| { let mut out = Vec::new(); g::Raw::to_raw(key, &mut out); out });`,
      `g::emit(${index}, record.time_ms, ${bytes}.as_deref(), ${encode});`,
    ];
  }
}

function keyFor(
  key: KeyInHand,
  { variable, type, id, drop }: { variable: string; type: string; id: number; drop: string },
): string[] {
  if (key.kind === "typed") return [`let ${variable} = ${key.variable}.clone();`];
  return [
    `let ${variable}: Option<${type}> = match record.key.map(g::Raw::from_raw).transpose() {`,
    "    Ok(key) => key,",
    `    Err(fail) => { g::decode_failed(${id}, fail.at("key")); ${drop} }`,
    "};",
  ];
}

/** A type of the dataflow with its path; the flow has no `use` of them. */
function qualified(type: string, types: RustTypes): string {
  return type.replaceAll(/[A-Za-z_]\w*/g, (name) => (types.definition(name) === undefined ? name : `crate::types::${name}`));
}
