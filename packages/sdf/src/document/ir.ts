/** The dataflow as the compiler sees it: checked, with its names in Rust and the places they come from. */

export interface Place {
  readonly line: number;
  readonly column: number;
}

export const PRIMITIVES = [
  "bool",
  "u8",
  "u16",
  "u32",
  "u64",
  "i8",
  "i16",
  "i32",
  "i64",
  "f32",
  "f64",
  "string",
  "bytes",
  "null",
] as const;
export type Primitive = (typeof PRIMITIVES)[number];

export const RUST_PRIMITIVE: Readonly<Record<Primitive, string>> = {
  bool: "bool",
  u8: "u8",
  u16: "u16",
  u32: "u32",
  u64: "u64",
  i8: "i8",
  i16: "i16",
  i32: "i32",
  i64: "i64",
  f32: "f32",
  f64: "f64",
  string: "String",
  bytes: "Vec<u8>",
  null: "()",
};

/** A type where it is used. `named` is the YAML name of a definition. */
export type TypeUse =
  | { readonly kind: "primitive"; readonly primitive: Primitive }
  | { readonly kind: "named"; readonly name: string };

export interface Field {
  readonly name: string;
  /** In Rust. */
  readonly field: string;
  readonly type: TypeUse;
  readonly optional: boolean;
  /** In JSON. */
  readonly readName: string;
  readonly writeName: string;
  readonly at: Place;
}

export interface Variant {
  readonly name: string;
  /** In Rust. */
  readonly variant: string;
  /** Absent: a variant without a value. */
  readonly type?: TypeUse;
  readonly readName: string;
  readonly writeName: string;
  readonly at: Place;
}

export type TypeBody =
  | { readonly kind: "object"; readonly fields: readonly Field[] }
  | { readonly kind: "enum"; readonly variants: readonly Variant[] }
  | { readonly kind: "list"; readonly items: TypeUse }
  | { readonly kind: "alias"; readonly to: TypeUse };

export interface TypeDefinition {
  readonly name: string;
  readonly rustName: string;
  readonly body: TypeBody;
  readonly at: Place;
}

export type Converter = "json" | "raw";

export interface StartingOffset {
  readonly position: "beginning" | "end" | "offset";
  readonly value: number;
}

export interface Topic {
  /** How services call it. */
  readonly id: string;
  /** In Fluvio. */
  readonly name: string;
  readonly key?: TypeUse;
  readonly value: TypeUse;
  readonly converter: Converter;
  readonly start: StartingOffset;
  readonly consumer: Readonly<Record<string, unknown>>;
  readonly producer: Readonly<Record<string, unknown>>;
  /** Of a schedule: when the runner writes to it. */
  readonly cron?: string;
  readonly at: Place;
}

export const TRANSFORM_KINDS = ["map", "filter", "filter-map", "flat-map"] as const;
export type TransformKind = (typeof TRANSFORM_KINDS)[number];
export type OperatorKind =
  | TransformKind
  | "assign-timestamp"
  | "assign-key"
  | "update-state"
  | "flush";

export interface Parameter {
  readonly name: string;
  /** As written, without white space that does not matter. */
  readonly type: string;
  readonly at: Place;
}

export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Inside `Result<…>`. */
  readonly output: string;
  readonly outputAt: Place;
  readonly at: Place;
}

export interface Operator {
  readonly kind: OperatorKind;
  readonly signature: Signature;
  /** Lines of Rust as they stand in the file, with their indentation; the first is at `codeLine`. */
  readonly code: readonly string[];
  readonly codeLine: number;
  /** Where the code is, when it is a package's. */
  readonly codeFile?: string;
  /** Of its package; the service that uses it has them. */
  readonly states?: readonly OwnState[];
  readonly at: Place;
}

export interface Column {
  readonly name: string;
  readonly field: string;
  readonly primitive: Primitive;
}

export type StateValue =
  | { readonly kind: "row"; readonly columns: readonly Column[] }
  | { readonly kind: "primitive"; readonly primitive: Primitive };

export interface OwnState {
  readonly kind: "own";
  readonly name: string;
  readonly identifier: string;
  readonly key: Primitive;
  readonly value: StateValue;
  readonly ttlMs?: number;
  readonly at: Place;
}

export interface ForeignState {
  readonly kind: "foreign";
  readonly name: string;
  readonly identifier: string;
  readonly service: string;
  readonly state: string;
  readonly at: Place;
}

export type State = OwnState | ForeignState;

export interface Partition {
  readonly assignKey: Operator;
  readonly transforms: readonly Operator[];
  readonly updateState?: Operator;
}

export interface Window {
  readonly kind: "tumbling" | "sliding";
  readonly durationMs: number;
  readonly slideMs: number;
  readonly graceMs: number;
  readonly idlenessMs?: number;
  readonly assignTimestamp?: Operator;
  readonly transforms: readonly Operator[];
  readonly partition?: Partition;
  /** Outside of a partition. */
  readonly updateState?: Operator;
  readonly flush?: Operator;
  readonly at: Place;
}

/** A topic as source or sink of a service. */
export interface Edge {
  readonly topic: string;
  readonly transforms: readonly Operator[];
  readonly at: Place;
}

export interface Service {
  readonly name: string;
  readonly sources: readonly Edge[];
  readonly states: readonly State[];
  readonly transforms: readonly Operator[];
  readonly window?: Window;
  readonly partition?: Partition;
  readonly sinks: readonly Edge[];
  readonly at: Place;
}

export interface Dataflow {
  readonly file: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  readonly types: readonly TypeDefinition[];
  readonly topics: readonly Topic[];
  readonly services: readonly Service[];
}
