/** The states of each service: row types, the struct that holds them, and the functions operators reach them by. */
import type { Column, Dataflow, OwnState, Primitive, Service } from "../document/ir.ts";
import { RUST_PRIMITIVE } from "../document/ir.ts";
import { snakeCase } from "../document/names.ts";
import { changedColumns, MASKED_COLUMNS_MAX } from "./changed-columns.ts";
import { indent, rustString } from "./rust-text.ts";

export function ownStates(service: Service): OwnState[] {
  return service.states.filter((state) => state.kind === "own");
}

/** The Rust type of a state's value. */
function valueType(state: OwnState, service: number): string {
  if (state.value.kind === "primitive") return RUST_PRIMITIVE[state.value.primitive];
  const index = snakeCase(state.name).replaceAll(/[^a-z0-9_]/g, "_");
  return `Row${service}_${index}`;
}

/** The module `states`: one struct `S<n>` per service. */
export function generateStates(dataflow: Dataflow): string[] {
  const body = dataflow.services.flatMap((service, index) => [
    ...ownStates(service).flatMap((state) => generateRow(state, index)),
    ...generateHolder(service, index),
  ]);
  return ["pub mod states {", ...indent(["use crate::rt::glue as g;", ...body]), "}"];
}

function cellOf(column: Column): string {
  const field = `self.${column.field}`;
  const cells: Partial<Record<Primitive, string>> = {
    string: `g::Cell::Str(&${field})`,
    bool: `g::Cell::Bool(${field})`,
    f32: `g::Cell::Float(${field} as f64)`,
    f64: `g::Cell::Float(${field})`,
    u64: `g::Cell::unsigned(${field})`,
  };
  return cells[column.primitive] ?? `g::Cell::Int(${field} as i64)`;
}

function kindOf(primitive: Primitive): string {
  if (primitive === "string") return "Str";
  if (primitive === "bool") return "Bool";
  return primitive.startsWith("f") ? "Float" : "Int";
}

function generateRow(state: OwnState, service: number): string[] {
  if (state.value.kind === "primitive") return [];
  const { columns } = state.value;
  const name = valueType(state, service);
  const described = columns.map(
    (c) => `g::Column { name: ${rustString(c.name)}, kind: g::Kind::${kindOf(c.primitive)} }`,
  );
  return [
    "#[derive(Clone, Debug, Default, PartialEq)]",
    `pub struct ${name} {`,
    ...indent(columns.map((c) => `pub ${c.field}: ${RUST_PRIMITIVE[c.primitive]},`)),
    "}",
    `impl g::Row for ${name} {`,
    ...indent([
      `const COLUMNS: &'static [g::Column] = &[${described.join(", ")}];`,
      "#[inline]",
      "fn cell(&self, column: usize) -> g::Cell<'_> {",
      ...indent([
        "match column {",
        ...indent(columns.map((c, i) => `${i} => ${cellOf(c)},`)),
        "    _ => g::Cell::Null,",
        "}",
      ]),
      "}",
      "fn save(&self, out: &mut Vec<u8>) {",
      ...indent(columns.map((c) => `g::Row::save(&self.${c.field}, out);`)),
      "}",
      "fn load(input: &mut g::Input<'_>) -> Option<Self> {",
      ...indent([
        `Some(${name} {`,
        ...indent(columns.map((c) => `${c.field}: g::Row::load(input)?,`)),
        "})",
      ]),
      "}",
      ...generateOwnership(columns),
    ]),
    "}",
  ];
}

/** For handles that share their texts with the table. */
function generateOwnership(columns: readonly Column[]): string[] {
  const texts = columns.flatMap(({ field, primitive }, index) =>
    primitive === "string" ? [{ field, index }] : [],
  );
  const masked = texts.filter(({ index }) => index < MASKED_COLUMNS_MAX);
  const own = texts.map(({ field, index }) => {
    const write = `let own = self.${field}.clone(); std::ptr::write(&mut self.${field}, own);`;
    return index < MASKED_COLUMNS_MAX ? `if mask >> ${index} & 1 == 1 { ${write} }` : write;
  });
  const disown = masked.map(
    ({ field, index }) =>
      `if mask >> ${index} & 1 == 0 { std::ptr::write(&mut self.${field}, String::new()); }`,
  );
  return [
    "#[inline]",
    "unsafe fn own(&mut self, mask: u64) {",
    ...indent(own),
    "}",
    "#[inline]",
    "unsafe fn disown(&mut self, mask: u64) {",
    ...indent(disown),
    "}",
  ];
}

function generateHolder(service: Service, index: number): string[] {
  const states = ownStates(service);
  const name = `S${index}`;
  const type = (state: OwnState): string =>
    `g::Shared<${RUST_PRIMITIVE[state.key]}, ${valueType(state, index)}>`;
  const rows = states.map((s) => `self.${s.identifier}.get().len()`).join(" + ");
  const tidy = states.map((s) => `self.${s.identifier}.get().tidy();`);
  return [
    `pub struct ${name} {`,
    ...indent(states.map((s) => `pub ${s.identifier}: ${type(s)},`)),
    "}",
    `impl Default for ${name} {`,
    ...indent([
      "fn default() -> Self {",
      `    ${name} { ${states.map((s) => `${s.identifier}: g::shared(Default::default())`).join(", ")} }`,
      "}",
    ]),
    "}",
    `impl g::Holder for ${name} {`,
    "    fn alike(&self) -> Self {",
    `        ${name} { ${states.map((s) => `${s.identifier}: g::shared(g::Table::sized(self.${s.identifier}.get().len()))`).join(", ")} }`,
    "    }",
    "}",
    `impl ${name} {`,
    ...indent([
      `pub fn rows(&self) -> usize { ${rows === "" ? "0" : rows} }`,
      `pub fn tidy(&self) { ${tidy.join(" ")} }`,
      `pub fn save(&self, out: &mut Vec<u8>) { ${states.map((s) => `self.${s.identifier}.get().save(out);`).join(" ")} }`,
      "pub fn load(input: &mut g::Input<'_>) -> Option<Self> {",
      `    Some(${name} { ${states.map((s) => `${s.identifier}: g::shared(g::Table::load(input)?)`).join(", ")} })`,
      "}",
    ]),
    "}",
  ];
}

/** What a service's operators see: `rows` in a partition, `all` elsewhere. */
export function generateContexts(dataflow: Dataflow): string[] {
  const body = dataflow.services.flatMap((service, index) => [
    ...generateContext(dataflow, service, { index, rows: true }),
    ...generateContext(dataflow, service, { index, rows: false }),
  ]);
  return ["pub mod context {", ...indent(body), "}"];
}

interface Reach {
  readonly name: string;
  readonly identifier: string;
  readonly table: string;
  readonly key: string;
  readonly value: string;
  readonly own: OwnState;
  readonly foreign: boolean;
}

function reachOf(dataflow: Dataflow, service: Service, index: number): Reach[] {
  return service.states.flatMap((state) => {
    const owner =
      state.kind === "own" ? index : dataflow.services.findIndex((s) => s.name === state.service);
    const states = ownStates(dataflow.services[owner] ?? service);
    const own = state.kind === "own" ? state : states.find((s) => s.name === state.state);
    if (own === undefined) return [];
    const holder = state.kind === "own" ? "states" : "seen_from_outside";
    return {
      name: state.name,
      identifier: state.identifier,
      table: `crate::flow::s${owner}::${holder}().${own.identifier}`,
      key: RUST_PRIMITIVE[own.key],
      value:
        own.value.kind === "row"
          ? `crate::states::${valueType(own, owner)}`
          : valueType(own, owner),
      own,
      foreign: state.kind === "foreign",
    };
  });
}

function generateContext(
  dataflow: Dataflow,
  service: Service,
  { index, rows }: { index: number; rows: boolean },
): string[] {
  const reach = reachOf(dataflow, service, index);
  const partition = service.window?.partition ?? service.partition;
  // Without a partition there is no key to find a row by.
  const accessors = reach.map((state) => {
    const types = `<${state.key}, ${state.value}>`;
    const head = `pub fn ${state.identifier}() -> g::`;
    if (!rows || partition === undefined || state.foreign)
      return `${head}StateFrame${types} { g::StateFrame::open(&${state.table}, sql) }`;
    // A state of texts may have numbers for keys; they have a slot of their own then.
    const slot = state.key === "String" ? "TEXT_KEY" : "KEY";
    const handle = state.own.value.kind === "row" ? "RowHandle" : "PrimitiveHandle";
    const mask = `0x${changedColumns(service, state.own).toString(16)}u64`;
    const of = handle === "RowHandle" ? `<${state.key}, ${state.value}, ${mask}>` : types;
    return `${head}${handle}${of} { g::${handle}::open(&${state.table}, &crate::flow::s${index}::${slot}) }`;
  });
  const tables = reach.flatMap((state) => {
    const names = new Set([snakeCase(state.name), state.name]);
    return [...names].map(
      (name) => `(${rustString(name)}, ${state.table}.clone() as g::Rc<dyn g::TableApi>)`,
    );
  });
  const key =
    rows && partition !== undefined
      ? `crate::flow::s${index}::KEY.get().as_ref().map(|key| g::Key::key_type(key))`
      : "None";
  return [
    `pub mod s${index}_${rows ? "rows" : "all"} {`,
    ...indent([
      "use crate::rt::glue as g;",
      ...accessors,
      `pub fn sql(query: &str) -> g::Result<g::DataFrame> { crate::rt::sql::run(query, &[${tables.join(", ")}]) }`,
      `pub fn window() -> (i64, i64) { crate::flow::s${index}::bounds() }`,
      `pub fn key() -> Option<g::KeyType> { ${key} }`,
    ]),
    "}",
  ];
}
