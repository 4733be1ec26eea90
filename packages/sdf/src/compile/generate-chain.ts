/** Chains of operators as nested Rust: each operator's result goes straight into the next, with nothing in between. */
import type { Edge, Operator, Partition, Service, Window } from "../document/ir.ts";
import { keyValue, type RustTypes } from "../document/rust-types.ts";
import { genericArguments } from "../document/signature.ts";
import type { Lending } from "./by-reference.ts";
import type { Numbering } from "./numbering.ts";
import { maskOf, type Fields, type Projection } from "./projection.ts";
import { indent } from "./rust-text.ts";

/** The key of the record in hand: as it came, or as an operator has set it (an `Option`, in a variable). */
type KeyInHand = { readonly kind: "raw" } | { readonly kind: "typed"; readonly variable: string };

/** A value on its way through a chain. */
export interface InHand {
  /** The variable that holds it. */
  readonly value: string;
  readonly type: string;
  readonly key: KeyInHand;
  /** The statement that ends its way. */
  readonly drop: string;
}

type Rest = (hand: InHand) => string[];

interface Way {
  readonly service: Service;
  readonly edge: Edge;
  readonly skip: number;
}

export const RAW_KEY: KeyInHand = { kind: "raw" };

export class ChainGenerator {
  readonly #numbering: Numbering;
  readonly #types: RustTypes;
  readonly #projection: Projection;
  readonly #lending: Lending;
  #variables = 0;

  constructor(numbering: Numbering, types: RustTypes, projection: Projection, lending: Lending) {
    this.#numbering = numbering;
    this.#types = types;
    this.#projection = projection;
    this.#lending = lending;
  }

  id(item: Operator | Edge): number {
    return this.#numbering.idOf.get(item) ?? 0;
  }

  #fresh(prefix: string): string {
    this.#variables += 1;
    return `${prefix}${this.#variables}`;
  }

  /** A type of the dataflow with its path; the flow has no `use` of them. */
  qualified(type: string): string {
    return type.replaceAll(/[A-Za-z_]\w*/g, (name) =>
      this.#types.definition(name) === undefined ? name : `crate::types::${name}`,
    );
  }

  /** For an operator that does not end the value's way: lent, or a copy of the fields that it uses. */
  #copyFor(operator: Operator, hand: InHand): string {
    if (this.#lending.lends(operator)) return `&${hand.value}`;
    const definition = this.#projection.object(hand.type);
    if (definition === undefined) return `${hand.value}.clone()`;
    const mask = maskOf(definition, this.#projection.usedBy(operator));
    return `${hand.value}.__pick::<{ ${mask} }>()`;
  }

  /** For an operator that ends the value's way. */
  #given(operator: Operator, hand: InHand): string {
    return this.#lending.lends(operator) ? `&${hand.value}` : hand.value;
  }

  /** Whether a service can do with a reference to its value; `skip` operators are done before it has it. */
  lent(service: Service, edge: Edge, skip: number): boolean {
    const { window, partition } = service;
    const some = (operator: Operator | undefined): Operator[] =>
      operator === undefined ? [] : [operator];
    const inner = window?.partition ?? partition;
    const update = inner?.updateState ?? window?.updateState;
    const way = [
      ...[...edge.transforms, ...service.transforms].slice(skip),
      ...some(window?.assignTimestamp),
      ...(window?.transforms ?? []),
      ...some(inner?.assignKey),
      ...(inner?.transforms ?? []),
      ...some(update),
    ];
    return this.#lentAlong(way, update !== undefined);
  }

  /** Until an operator makes another value of it; `ends` when the last operator takes the value in any case. */
  #lentAlong(way: readonly Operator[], ends: boolean): boolean {
    for (const operator of way) {
      if (!this.#lending.lends(operator)) return false;
      if (operator.kind === "map" || operator.kind === "filter-map" || operator.kind === "flat-map")
        return true;
    }
    return ends;
  }

  /** The whole way of a value from a source's decoder; `skip` operators are done already. */
  body({ service, edge, skip }: Way, source: number, hand: InHand): string[] {
    const operators = [...edge.transforms, ...service.transforms].slice(skip);
    return this.#chain(operators, hand, (value) => {
      const { window, partition } = service;
      if (window !== undefined) return this.#window(window, value, source);
      if (partition === undefined) return this.#sinks(service, value);
      return [
        ...this.#assignKey(
          partition.assignKey,
          value,
          this.#afterKey(partition, partition.updateState),
        ),
        ...this.#chain(partition.transforms, value, (inner) =>
          partition.updateState === undefined
            ? this.#sinks(service, inner)
            : this.#update(partition.updateState, inner),
        ),
      ];
    });
  }

  /** What happens when a window closes; `record` is in scope and stands for the result. */
  flush(service: Service, operator: Operator): string[] {
    const hand: InHand = {
      value: "value",
      type: operator.signature.output,
      key: RAW_KEY,
      drop: "break 'all;",
    };
    return [
      "'all: loop {",
      ...indent([
        ...this.#call(operator, [], hand, RAW_KEY),
        "g::flushed(INDEX);",
        ...this.#sinks(service, hand),
        "break;",
      ]),
      "}",
    ];
  }

  /**
   * The operator takes the value itself when copying what is needed after it is less work than copying what it uses.
   * `later` are the fields needed after it.
   */
  #assignKey(operator: Operator, hand: InHand, later: Fields): string[] {
    const key = { ...hand, value: this.#fresh("key") };
    const assign = `set_key(${key.value});`;
    if (this.#lending.lends(operator))
      return [...this.#call(operator, [`&${hand.value}`], key, hand.key), assign];
    const definition = this.#projection.object(hand.type);
    const used = this.#projection.usedBy(operator);
    if (
      definition === undefined ||
      later === undefined ||
      (used !== undefined && used.size <= later.size)
    )
      return [...this.#call(operator, [this.#copyFor(operator, hand)], key, hand.key), assign];
    const rest = this.#fresh("rest");
    return [
      `let ${rest} = ${hand.value}.__pick::<{ ${maskOf(definition, later)} }>();`,
      ...this.#call(operator, [hand.value], key, hand.key),
      assign,
      `let ${hand.value} = ${rest};`,
    ];
  }

  #afterKey(partition: Partition, update: Operator | undefined): Fields {
    const end = (): Fields => (update === undefined ? undefined : this.#projection.usedBy(update));
    return this.#projection.afterKey(partition.transforms, end);
  }

  #update(operator: Operator | undefined, hand: InHand): string[] {
    if (operator === undefined) return [];
    return this.#call(
      operator,
      [this.#given(operator, hand)],
      { ...hand, value: "_done" },
      hand.key,
    );
  }

  #window(window: Window, hand: InHand, source: number): string[] {
    const time = this.#fresh("time");
    const { assignTimestamp } = window;
    const values = ["record.time_ms as i64"];
    if (assignTimestamp !== undefined) values.unshift(this.#copyFor(assignTimestamp, hand));
    const assign =
      assignTimestamp === undefined
        ? [`let ${time} = record.time_ms as i64;`]
        : this.#call(assignTimestamp, values, { ...hand, value: time }, hand.key);
    return [
      ...assign,
      `live().see(${source}, record.partition, ${time});`,
      ...this.#chain(window.transforms, hand, (inner) =>
        window.kind === "sliding"
          ? this.#sliding(window, inner, time)
          : this.#tumbling(window, inner, time),
      ),
    ];
  }

  #tumbling(window: Window, hand: InHand, time: string): string[] {
    const label = this.#fresh("'window");
    const inner: InHand = { ...hand, drop: `break ${label};` };
    return [
      `${label}: loop {`,
      ...indent([
        `if !live().enter(live().windows.start(${time})) { g::late(INDEX); break; }`,
        ...this.#inWindow(window, inner),
        "break;",
      ]),
      "}",
      "live().close();",
    ];
  }

  /** The record goes into each of its windows that is still open. */
  #sliding(window: Window, hand: InHand, time: string): string[] {
    const [label, value] = [this.#fresh("'window"), this.#fresh("v")];
    const inner: InHand = { ...hand, value, drop: `continue ${label};` };
    const { partition } = window;
    const update = partition?.updateState ?? window.updateState;
    const way = [
      ...(partition === undefined ? [] : [partition.assignKey, ...partition.transforms]),
      ...(update === undefined ? [] : [update]),
    ];
    const lent = this.#lentAlong(way, true);
    return [
      "let mut entered = false;",
      `${label}: for start in live().windows.starts(${time}) {`,
      ...indent([
        "if !live().enter(start) { continue; }",
        "entered = true;",
        `let ${value} = ${lent ? `&${hand.value}` : `${hand.value}.clone()`};`,
        ...this.#inWindow(window, inner),
      ]),
      "}",
      "live().close();",
      "if !entered { g::late(INDEX); }",
    ];
  }

  #inWindow(window: Window, hand: InHand): string[] {
    const { partition, updateState } = window;
    if (partition === undefined) return this.#update(updateState, hand);
    return [
      ...this.#assignKey(
        partition.assignKey,
        hand,
        this.#afterKey(partition, partition.updateState ?? updateState),
      ),
      ...this.#chain(partition.transforms, hand, (last) =>
        this.#update(partition.updateState ?? updateState, last),
      ),
    ];
  }

  // ---- transforms ----

  #chain(operators: readonly Operator[], hand: InHand, rest: Rest): string[] {
    const [operator, ...others] = operators;
    if (operator === undefined) return rest(hand);
    return this.#transform(operator, hand, (next) => this.#chain(others, next, rest));
  }

  #transform(operator: Operator, hand: InHand, rest: Rest): string[] {
    const id = this.id(operator);
    const { output } = operator.signature;
    const out = this.#fresh("v");
    const result = { ...hand, value: out, type: output };
    if (operator.kind === "filter")
      return [
        ...this.#call(operator, [this.#copyFor(operator, hand)], result, hand.key),
        `if !${out} { g::filtered(${id}); ${hand.drop} }`,
        ...rest(hand),
      ];
    const call = this.#call(operator, [this.#given(operator, hand)], result, hand.key);
    if (operator.kind === "filter-map") {
      const type = genericArguments(output, "Option")?.[0] ?? "";
      return [
        ...call,
        `let ${out} = match ${out} { Some(value) => value, None => { g::filtered(${id}); ${hand.drop} } };`,
        ...this.#rekeyed({ ...result, type }, rest),
      ];
    }
    if (operator.kind === "flat-map") {
      const type = genericArguments(output, "Vec")?.[0] ?? this.#types.item(output) ?? "";
      const loop = this.#fresh("'item");
      const each = { ...result, type, drop: `continue ${loop};` };
      return [
        ...call,
        `${loop}: for ${out} in ${out} {`,
        ...indent(this.#rekeyed(each, rest)),
        "}",
      ];
    }
    return [...call, ...this.#rekeyed(result, rest)];
  }

  /** Takes a `(key, value)` result apart. */
  #rekeyed(hand: InHand, rest: Rest): string[] {
    const pair = keyValue(hand.type);
    if (pair === undefined) return rest(hand);
    const key = this.#fresh("key");
    const next: InHand = { ...hand, type: pair.value, key: { kind: "typed", variable: key } };
    return [`let (${key}, ${hand.value}) = ${hand.value};`, ...rest(next)];
  }

  /** Calls the operator and puts its result into the variable `result.value`. */
  #call(operator: Operator, values: readonly string[], result: InHand, key: KeyInHand): string[] {
    const id = this.id(operator);
    const { parameters } = operator.signature;
    const lines: string[] = [];
    const passed = [...values];
    if (parameters.length > values.length) {
      const variable = this.#fresh("k");
      const type = genericArguments(parameters[0]?.type ?? "", "Option")?.[0] ?? "String";
      const decoded = this.qualified(this.#types.canonical(type));
      lines.push(...keyFor(key, { variable, type: decoded, id, drop: result.drop }));
      passed.unshift(variable);
    }
    return [
      ...lines,
      `g::enter(${id});`,
      `let ${result.value} = match crate::op${id}::__call(${passed.join(", ")}) {`,
      "    Ok(value) => value,",
      `    Err(error) => { g::failed(${id}, error); ${result.drop} }`,
      "};",
      `g::passed(${id});`,
    ];
  }

  // ---- sinks ----

  #sinks(service: Service, hand: InHand): string[] {
    return service.sinks.flatMap((sink, at) => {
      const last = at === service.sinks.length - 1;
      const loop = this.#fresh("'sink");
      const value = this.#fresh("v");
      const inner: InHand = { ...hand, value, drop: `break ${loop};` };
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
    const write =
      this.#numbering.sinks[index]?.converter === "json" ? "g::Value::write" : "g::Raw::to_raw";
    const encode = `|out| ${write}(&${hand.value}, out)`;
    if (hand.key.kind === "raw")
      return [`g::emit(${index}, record.time_ms, record.key, ${encode});`];
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
