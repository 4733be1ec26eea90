/** Types of the YAML as Rust structs and enums with their JSON reader and writer. */
import type { Field, TypeDefinition, Variant } from "../document/ir.ts";
import type { RustTypes } from "../document/rust-types.ts";
import { isCopyType } from "./by-reference.ts";
import { MASKED_FIELDS_MAX } from "./projection.ts";
import { indent, rustBytes, rustString } from "./rust-text.ts";

/** The module `types`. `g` is the runtime: a type of the dataflow may have any name of ours. */
export function generateTypes(definitions: readonly TypeDefinition[], types: RustTypes): string[] {
  const body = definitions.flatMap((definition) => generateType(definition, types));
  return ["pub mod types {", ...indent(["use crate::rt::glue as g;", ...body]), "}"];
}

function generateType(definition: TypeDefinition, types: RustTypes): string[] {
  const { body, rustName } = definition;
  switch (body.kind) {
    case "alias":
      return [`pub type ${rustName} = ${types.of(body.to)};`];
    case "list":
      return [`pub type ${rustName} = Vec<${types.of(body.items)}>;`];
    case "object":
      return generateObject(definition, body.fields, types);
    case "enum":
      return generateEnum(definition, body.variants, types);
  }
}

function deriveFor(definition: TypeDefinition, types: RustTypes): string {
  const copy = isCopyType(definition, types) ? "Copy, " : "";
  return `#[derive(Clone, ${copy}Debug, PartialEq)]`;
}

function generateObject(
  definition: TypeDefinition,
  fields: readonly Field[],
  types: RustTypes,
): string[] {
  const { rustName } = definition;
  const typeOf = (field: Field): string =>
    field.optional ? `Option<${types.of(field.type)}>` : types.of(field.type);
  const writes = fields.flatMap((field, index) => {
    const prefix = `${index === 0 ? "{" : ","}${JSON.stringify(field.writeName)}:`;
    return [
      `g::json::raw(out, ${rustString(prefix)});`,
      `g::Value::write(&self.${field.field}, out);`,
    ];
  });
  return [
    deriveFor(definition, types),
    `pub struct ${rustName} {`,
    ...indent(fields.map((field) => `pub ${field.field}: ${typeOf(field)},`)),
    "}",
    ...generateReader(definition, fields, typeOf),
    ...generatePick(definition, fields),
    `impl g::Value for ${rustName} {`,
    ...indent([
      "fn read(r: &mut g::Reader<'_>) -> Result<Self, g::Fail> { Self::__read::<{ u128::MAX }>(r) }",
      "fn check(r: &mut g::Reader<'_>) -> Result<(), g::Fail> { Self::__read::<0>(r).map(|_| ()) }",
      `fn blank() -> Self { ${rustName} { ${fields.map((f) => `${f.field}: g::Value::blank()`).join(", ")} } }`,
      "#[inline]",
      "fn copy(&self) -> Self { self.__pick::<{ u128::MAX }>() }",
      "fn write(&self, out: &mut Vec<u8>) {",
      ...indent(
        fields.length === 0 ? ['g::json::raw(out, "{}");'] : [...writes, "out.push(b'}');"],
      ),
      "}",
    ]),
    "}",
  ];
}

/**
 * Fields outside of the mask `WANT` are checked, not kept: no operator looks at them, and of each there is only a bit that it
 * was seen. Writers keep their order of fields, so the reader takes the names one after another as the type has them. From the
 * first on that does not come it is another function's, `__read_rest`, that looks names up.
 */
function generateReader(
  definition: TypeDefinition,
  fields: readonly Field[],
  typeOf: (field: Field) => string,
): string[] {
  const { rustName, name } = definition;
  const tokens = fields.map((field) => rustBytes(`${JSON.stringify(field.readName)}:`));
  const tuple = (parts: readonly string[]): string =>
    parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(", ")})`;
  const parts = tuple(fields.map((_, index) => `f${index}`));
  const partsType = tuple(fields.map((field) => `Option<${typeOf(field)}>`));
  const arms = fields.flatMap((field, index) => {
    const label = rustString(field.readName);
    return [
      `${index} => {`,
      `    if ${wasSeen(index)} { return Err(r.fail("duplicate field").at(${label})); }`,
      ...indent(readField(field, index, typeOf(field))),
      "}",
    ];
  });
  const made = [`Ok(${rustName} {`, ...indent(fields.map(takeField)), "})"];
  const result = "Result<Self, g::Fail>";
  return [
    `impl ${rustName} {`,
    ...indent([
      `const __NAMES: &'static [&'static [u8]] = &[${tokens.join(", ")}];`,
      "#[inline]",
      `pub fn __read<const WANT: u128>(r: &mut g::Reader<'_>) -> ${result} {`,
      ...indent([
        `r.begin(b'{', ${rustString(`object ${name}`)})?;`,
        "let (mut first, mut seen) = (true, 0u128);",
        ...fields.map((field, index) => `let mut f${index}: Option<${typeOf(field)}> = None;`),
        "loop {",
        ...indent([
          ...readInOrder(fields, typeOf),
          "if !r.take_end() { break; }",
          made.join("\n").replace("Ok(", "return Ok(") + ";",
        ]),
        "}",
        `Self::__read_rest::<WANT>(r, first, seen, ${parts})`,
      ]),
      "}",
      "#[inline(never)]",
      `fn __read_rest<const WANT: u128>(r: &mut g::Reader<'_>, mut first: bool, mut seen: u128, parts: ${partsType}) -> ${result} {`,
      ...indent([
        // After the fields in the order of the type come the others in the order in which writers have them.
        "static ORDER: g::Global<g::Order> = g::Global::new(g::Order::new());",
        "let mut next = 0usize;",
        `let ${parts.replaceAll("f", "mut f")} = parts;`,
        "loop {",
        ...indent([
          "match r.next_key(Self::__NAMES, &ORDER, &mut next, &mut first)? {",
          ...indent([...arms, "g::DONE => break,", "_ => r.skip()?,"]),
          "}",
        ]),
        "}",
        ...made,
      ]),
      "}",
    ]),
    "}",
  ];
}

/** The comma goes with the name behind it: one comparison. */
function readInOrder(fields: readonly Field[], typeOf: (field: Field) => string): string[] {
  let isFirst: boolean | undefined = true;
  return fields.flatMap((field, index) => {
    const plain = rustBytes(`${JSON.stringify(field.readName)}:`);
    const behind = rustBytes(`,${JSON.stringify(field.readName)}:`);
    let comes = `r.take_name(${isFirst === true ? plain : behind})`;
    if (isFirst === undefined)
      comes = `(if first { r.take_name(${plain}) } else { r.take_name(${behind}) })`;
    const read = ["first = false;", ...readField(field, index, typeOf(field))];
    if (field.optional) {
      if (isFirst === true) isFirst = undefined;
      return [`if ${comes} {`, ...indent(read), "}"];
    }
    isFirst = false;
    return [`if !${comes} { break; }`, ...read];
  });
}

/** Whether operators look at the field: a constant of the reader. */
function isWanted(index: number): string {
  return index < MASKED_FIELDS_MAX ? `WANT >> ${index} & 1 == 1` : "true";
}

function wasSeen(index: number): string {
  const bit = index < MASKED_FIELDS_MAX ? `seen >> ${index} & 1 == 1` : "false";
  return `if ${isWanted(index)} { f${index}.is_some() } else { ${bit} }`;
}

function readField(field: Field, index: number, type: string): string[] {
  const at = `.map_err(|fail| fail.at(${rustString(field.readName)}))?;`;
  const read = `f${index} = Some(<${type} as g::Value>::read(r)${at.replace("?;", "?);")}`;
  if (index >= MASKED_FIELDS_MAX) return [read];
  return [
    `if ${isWanted(index)} {`,
    `    ${read}`,
    "} else {",
    `    <${type} as g::Value>::check(r)${at}`,
    `    seen |= 1 << ${index};`,
    "}",
  ];
}

function takeField(field: Field, index: number): string {
  const missing = `return Err(r.missing(${rustString(field.readName)}))`;
  const kept = field.optional
    ? `f${index}.unwrap_or(None)`
    : `match f${index} { Some(value) => value, None => ${missing} }`;
  if (index >= MASKED_FIELDS_MAX) return `${field.field}: ${kept},`;
  const bit = `seen >> ${index} & 1 == 1`;
  const blank = field.optional
    ? "g::Value::blank()"
    : `if ${bit} { g::Value::blank() } else { ${missing} }`;
  return `${field.field}: if ${isWanted(index)} { ${kept} } else { ${blank} },`;
}

/** A copy of some fields, with nothing in the others. */
function generatePick({ rustName }: TypeDefinition, fields: readonly Field[]): string[] {
  const picks = fields.map(({ field }, index) => {
    if (index >= MASKED_FIELDS_MAX) return `${field}: g::Value::copy(&self.${field}),`;
    return `${field}: if WANT >> ${index} & 1 == 1 { g::Value::copy(&self.${field}) } else { g::Value::blank() },`;
  });
  return [
    `impl ${rustName} {`,
    ...indent([
      "#[inline]",
      `pub fn __pick<const WANT: u128>(&self) -> Self {`,
      ...indent([`${rustName} {`, ...indent(picks), "}"]),
      "}",
    ]),
    "}",
  ];
}

function generateEnum(
  definition: TypeDefinition,
  variants: readonly Variant[],
  types: RustTypes,
): string[] {
  const { rustName, name } = definition;
  const reads = variants.map(({ readName, variant, type }) => {
    const pattern = rustString(readName);
    if (type === undefined)
      return `(${pattern}, has) => { if has { <() as g::Value>::read(r)?; } ${rustName}::${variant} }`;
    return `(${pattern}, true) => ${rustName}::${variant}(g::Value::read(r).map_err(|fail| fail.at(${pattern}))?),`;
  });
  const writes = variants.map(({ writeName, variant, type }) => {
    const label = JSON.stringify(writeName);
    if (type === undefined)
      return `${rustName}::${variant} => g::json::raw(out, ${rustString(label)}),`;
    const open = rustString(`{${label}:`);
    return `${rustName}::${variant}(value) => { g::json::raw(out, ${open}); g::Value::write(value, out); out.push(b'}'); }`;
  });
  const first = variants[0];
  const blank =
    first?.type === undefined ? (first?.variant ?? "") : `${first.variant}(g::Value::blank())`;
  const known = variants.map((v) => v.readName).join(", ");
  return [
    deriveFor(definition, types),
    `pub enum ${rustName} {`,
    ...indent(
      variants.map((v) =>
        v.type === undefined ? `${v.variant},` : `${v.variant}(${types.of(v.type)}),`,
      ),
    ),
    "}",
    `impl g::Value for ${rustName} {`,
    ...indent([
      "fn read(r: &mut g::Reader<'_>) -> Result<Self, g::Fail> {",
      ...indent([
        `let (name, has) = r.variant(${rustString(`enum ${name}`)})?;`,
        "let value = match (&*name, has) {",
        ...indent([
          ...reads,
          `_ => return Err(r.fail(${rustString(`unknown or empty variant, expected ${known}`)})),`,
        ]),
        "};",
        "if has { r.end_variant()?; }",
        "Ok(value)",
      ]),
      "}",
      `fn blank() -> Self { ${rustName}::${blank} }`,
      "fn write(&self, out: &mut Vec<u8>) {",
      ...indent(["match self {", ...indent(writes), "}"]),
      "}",
    ]),
    "}",
  ];
}
