/** The module `flow`: decoding of sources, the run-time state of each service, and what the exports call. */
import type {
  Dataflow,
  Edge,
  Operator,
  Service,
  Topic,
  TypeDefinition,
  Window,
} from "../document/ir.ts";
import type { RustTypes } from "../document/rust-types.ts";
import { isCopy, type Lending } from "./by-reference.ts";
import { ChainGenerator, RAW_KEY } from "./generate-chain.ts";
import { ownStates } from "./generate-states.ts";
import type { Numbering } from "./numbering.ts";
import { type Fields, maskOf, type Projection, union } from "./projection.ts";
import { indent, rustString } from "./rust-text.ts";
import { Sharing } from "./sharing.ts";

/** A service as a reader of a topic. */
interface Reader {
  /** Indices of the service and of its source. */
  readonly s: number;
  readonly e: number;
  /** Of the decoding, as an operator. */
  readonly id: number;
  readonly needs: Fields;
  readonly lent: boolean;
}

interface HandOver {
  /** Of the topic's type, when it is an object. */
  readonly definition: TypeDefinition | undefined;
  readonly later: readonly Reader[];
}

/** What is known of the operators from a look at their code. */
export interface Scan {
  readonly types: RustTypes;
  readonly projection: Projection;
  readonly lending: Lending;
}

export class FlowGenerator {
  readonly #dataflow: Dataflow;
  readonly #numbering: Numbering;
  readonly #types: RustTypes;
  /** Services whose windowed states are read from outside. */
  readonly #read: Set<string>;
  readonly #projection: Projection;
  readonly #chains: ChainGenerator;
  readonly #sharing: Sharing;

  constructor(dataflow: Dataflow, numbering: Numbering, scan: Scan) {
    this.#dataflow = dataflow;
    this.#numbering = numbering;
    this.#types = scan.types;
    this.#projection = scan.projection;
    this.#sharing = new Sharing(dataflow);
    this.#chains = new ChainGenerator(numbering, scan.types, scan.projection, scan.lending);
    const foreign = dataflow.services
      .flatMap((service) => service.states)
      .filter((s) => s.kind === "foreign");
    this.#read = new Set(foreign.map((state) => state.service));
  }

  generate(): string[] {
    const { services } = this.#dataflow;
    const windowed = services.flatMap((service, index) =>
      service.window === undefined ? [] : [index],
    );
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
        ...indent([
          "match source {",
          ...this.#numbering.sources.map((_, i) => `    ${i} => source${i}(record),`),
          "    _ => {}",
          "}",
        ]),
        "}",
        "#[inline]",
        "pub fn advance_seen(now_ms: f64) {",
        ...each((i) => `s${i}::advance_seen(now_ms);`, windowed),
        "}",
        "pub fn advance(now_ms: f64) {",
        ...each((i) => `s${i}::advance(now_ms);`, windowed),
        "}",
        "pub fn partition(source: u32, number: u32, now_ms: f64) {",
        ...each((i) => this.#declarePartition(i), windowed),
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
        "pub fn query(service: u32, sql: &str) -> g::Result<g::DataFrame> {",
        ...indent([
          "match service {",
          ...all.map((i) => `    ${i} => s${i}::query(sql),`),
          '    _ => Err(g::Error::msg("there is no such service")),',
          "}",
        ]),
        "}",
        "pub fn services() -> Vec<crate::rt::report::ServiceState> {",
        `    vec![${all.map((i) => `s${i}::state()`).join(", ")}]`,
        "}",
      ]),
      "}",
    ];
  }

  /** Tells a service of a partition, when it reads the source. */
  #declarePartition(index: number): string {
    const edges = this.#dataflow.services[index]?.sources ?? [];
    const sources = edges.map((edge) =>
      this.#numbering.sources.findIndex((topic) => topic.id === edge.topic),
    );
    return `if [${sources.map((source) => `${source}u32`).join(", ")}].contains(&source) { s${index}::partition(source, number, now_ms); }`;
  }

  // ---- sources ----

  /** A topic is decoded once for all services that read it, with the fields that any of them needs. */
  #source(topic: Topic, index: number): string[] {
    const shared = this.#sharing.of(topic.id);
    const skip = shared.length > 0 ? 1 : 0;
    const readers = this.#dataflow.services.flatMap((service, s) =>
      service.sources.flatMap((edge, e) =>
        edge.topic === topic.id
          ? [
              {
                s,
                e,
                id: this.#chains.id(edge),
                needs: this.#projection.neededBy(service, edge, skip),
                lent: this.#chains.lent(service, edge, skip),
              },
            ]
          : [],
      ),
    );
    const first = readers[0]?.id ?? 0;
    const type = this.#chains.qualified(this.#types.of(topic.value));
    const object = this.#projection.object(type.replace("crate::types::", ""));
    const handed = shared[0]?.signature.output ?? type.replace("crate::types::", "");
    const calls = readers.flatMap((reader, at) =>
      this.#handOver(reader, {
        definition: this.#projection.object(handed),
        later: readers.slice(at + 1),
      }),
    );
    const others = readers.slice(1).map(({ id }) => `g::failed_again(${id});`);
    const needs =
      shared[0] === undefined
        ? union(readers.map((reader) => reader.needs))
        : this.#projection.usedBy(shared[0]);
    const mask = object === undefined ? "" : maskOf(object, needs);
    const read = object === undefined ? "g::Value::read" : `${type}::__read::<{ ${mask} }>`;
    const decode =
      topic.converter === "json"
        ? [
            "// The byte after the value is the sentinel that `process` has set.",
            "let mut reader = unsafe { g::Reader::new(record.value) };",
            `let decoded = ${read}(&mut reader);`,
          ]
        : ["let decoded = g::Raw::from_raw(record.value);"];
    const fail = `{ g::decode_failed(${first}, fail); ${others.join(" ")} return; }`;
    const finish = topic.converter === "json" ? [`if let Err(fail) = reader.finish() ${fail}`] : [];
    return [
      `fn source${index}(record: &g::Record) {`,
      ...indent([
        `g::enter(${first});`,
        ...decode,
        `let value: ${type} = match decoded {`,
        "    Ok(value) => value,",
        `    Err(fail) => ${fail}`,
        "};",
        ...finish,
        ...this.#sharedMap(shared),
        ...calls,
      ]),
      "}",
    ];
  }

  /** Runs the map that all readers begin with once, and counts it for each of them. */
  #sharedMap(shared: readonly Operator[]): string[] {
    const ids = shared.map((operator) => this.#chains.id(operator));
    const [first, ...others] = ids;
    if (first === undefined) return [];
    const failed = others.map((id) => `g::failed_again(${id});`).join(" ");
    return [
      `g::enter(${first});`,
      `let value = match crate::op${first}::__call(value) {`,
      "    Ok(value) => value,",
      `    Err(error) => { g::failed(${first}, error); ${failed} return; }`,
      "};",
      ...ids.map((id) => `g::passed(${id});`),
    ];
  }

  /** Gives the value to a reader: lent, a copy of what it needs, or the value itself while a copy stays for the later ones. */
  #handOver(reader: Reader, { definition, later }: HandOver): string[] {
    const { s, e, id, needs, lent } = reader;
    const from = (value: string): string => `g::passed(${id}); s${s}::from${e}(record, ${value});`;
    if (lent) return [from("&value")];
    if (later.length === 0) return [from("value")];
    if (definition === undefined) return [from("value.clone()")];
    const rest = union(later.map((other) => other.needs));
    if (this.#weight(definition, rest) >= this.#weight(definition, needs))
      return [from(`value.__pick::<{ ${maskOf(definition, needs)} }>()`)];
    return [
      `let rest = value.__pick::<{ ${maskOf(definition, rest)} }>();`,
      from("value"),
      "let value = rest;",
    ];
  }

  /** The number of fields that take an allocation to copy. */
  #weight({ body }: TypeDefinition, fields: Fields): number {
    if (body.kind !== "object") return 0;
    return body.fields.filter(
      ({ field, type }) =>
        (fields === undefined || fields.has(field)) && !isCopy(type, this.#types),
    ).length;
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
        ...service.sources.flatMap((edge, at) => this.#entry(service, edge, at)),
      ]),
      "}",
    ];
  }

  #keySlot(service: Service): string[] {
    const assign = (service.window?.partition ?? service.partition)?.assignKey;
    const type = assign === undefined ? "()" : this.#types.canonical(assign.signature.output);
    const key = [`pub static KEY: g::Global<Option<${type}>> = g::Global::new(None);`];
    const asText = type !== "String" && ownStates(service).some((state) => state.key === "string");
    if (assign === undefined) return key;
    if (!asText)
      return [
        ...key,
        "pub use self::KEY as TEXT_KEY;",
        "#[inline]",
        `fn set_key(key: ${type}) { *KEY.get() = Some(key); }`,
      ];
    return [
      ...key,
      "pub static TEXT_KEY: g::Global<Option<String>> = g::Global::new(None);",
      `fn set_key(key: ${type}) { *TEXT_KEY.get() = Some(key.to_string()); *KEY.get() = Some(key); }`,
    ];
  }

  #plainService(service: Service, index: number): string[] {
    const sweep = ownStates(service).flatMap((state) =>
      state.ttlMs === undefined
        ? []
        : [`states().${state.identifier}.get().expire(now_ms - ${state.ttlMs}f64);`],
    );
    const ttl = ownStates(service).flatMap((state) => state.ttlMs ?? []);
    const every = Math.max(1000, Math.floor(Math.min(...ttl, Number.MAX_SAFE_INTEGER) / 8));
    const expire =
      sweep.length === 0
        ? []
        : [
            "static NEXT: g::Global<f64> = g::Global::new(0.0);",
            "if now_ms < *NEXT.get() { return; }",
            `*NEXT.get() = now_ms + ${every}f64;`,
            ...sweep,
          ];
    return [
      ...this.#keySlot(service),
      "static STATES: g::Global<Option<States>> = g::Global::new(None);",
      "#[inline]",
      "pub fn states() -> &'static States { g::made(&STATES, States::default) }",
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
      `pub fn query(sql: &str) -> g::Result<g::DataFrame> { crate::context::s${index}_all::sql(sql) }`,
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
            ...this.#chains.flush(service, flush),
          ];
    return [
      ...this.#keySlot(service),
      `const INDEX: usize = ${index};`,
      `const SPEC: g::WindowSpec = g::WindowSpec { duration_ms: ${window.durationMs}, slide_ms: ${window.slideMs}, grace_ms: ${window.graceMs}, idleness_ms: ${idleness} };`,
      "type Live = g::Windowed<States>;",
      "static LIVE: g::Global<Option<Live>> = g::Global::new(None);",
      "#[inline]",
      "fn live() -> &'static mut Live { g::made(&LIVE, || Live::new(SPEC)) }",
      "#[inline]",
      "pub fn states() -> &'static States { live().states() }",
      "pub fn seen_from_outside() -> &'static States { live().last_states() }",
      "pub fn bounds() -> (i64, i64) { live().bounds }",
      "fn flush(start: i64, end: i64, states: g::Rc<States>) {",
      ...indent([
        "let it = live();",
        "it.open(start, end, &states);",
        ...flushing,
        "live().flushed();",
        ...keep,
      ]),
      "}",
      "#[inline]",
      "pub fn advance_seen(now_ms: f64) { if live().seen.is_some() { advance(now_ms); } }",
      "pub fn advance(now_ms: f64) { let mark = live().advance(now_ms); while let Some((start, end, states)) = live().windows.take_due(mark) { flush(start, end, states); } }",
      "pub fn partition(source: u32, number: u32, now_ms: f64) { live().declare(source, number, now_ms); }",
      "pub fn finish() { while let Some((start, end, states)) = live().windows.take_first() { flush(start, end, states); } }",
      "pub fn expire(_now_ms: f64) {}",
      "pub fn save(out: &mut Vec<u8>, now_ms: f64) { live().save(out, now_ms, States::save); }",
      "pub fn load(input: &mut g::Input<'_>) -> Option<()> { live().load(input, States::load) }",
      "pub fn reset() { *LIVE.get() = None; *KEY.get() = None; }",
      `pub fn query(sql: &str) -> g::Result<g::DataFrame> { live().look(); let answer = crate::context::s${index}_all::sql(sql); live().close(); answer }`,
      "pub fn state() -> crate::rt::report::ServiceState {",
      `    live().state(${rustString(service.name)}, States::rows)`,
      "}",
    ];
  }

  /** From one source of a service to its end. */
  #entry(service: Service, edge: Edge, at: number): string[] {
    const topic = this.#numbering.sources.find((candidate) => candidate.id === edge.topic);
    if (topic === undefined) return [];
    const [shared] = this.#sharing.of(topic.id);
    const skip = shared === undefined ? 0 : 1;
    const type = shared?.signature.output ?? this.#types.of(topic.value);
    const hand = { value: "value", type, key: RAW_KEY, drop: "return;" };
    const source = this.#numbering.sources.indexOf(topic);
    return [
      "#[inline]",
      `pub fn from${at}(record: &g::Record, value: ${this.#chains.lent(service, edge, skip) ? "&" : ""}${this.#chains.qualified(type)}) {`,
      ...indent(this.#chains.body({ service, edge, skip }, source, hand)),
      "}",
    ];
  }
}
