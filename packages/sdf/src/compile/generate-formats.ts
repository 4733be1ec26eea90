/**
 * `format!` with nothing but `{}` in its text, as most keys are made: the standard library's machinery for padding and the like
 * takes several times as long as the pushes that are left of it. The macro has an arm for each such text that the
 * operators have, and hands everything else on.
 */
import type { Dataflow } from "../document/ir.ts";
import { operatorsOf } from "../document/operators.ts";
import { indent } from "./rust-text.ts";

/** A text as it stands in Rust, escapes and all. */
function quoted(raw: string): string {
  return `"${raw}"`;
}

/** Longer ones are messages, which are rare. */
const PLACEHOLDERS_MAX = 12;
/** Room for what takes a placeholder's place. */
const PLACEHOLDER_BYTES = 16;

export function generateFormats(dataflow: Dataflow): string[] {
  const code = dataflow.services
    .flatMap((service) => operatorsOf(service))
    .map((operator) => operator.code.join("\n"))
    .join("\n");
  const texts = new Set(
    [...code.matchAll(/\bformat!\s*\(\s*"((?:[^"\\{}]|\\[nrt"\\]|\{\})*)"/g)].map(
      (match) => match[1] ?? "",
    ),
  );
  const arms = [...texts].toSorted().flatMap((text) => arm(text));
  return [
    "#[macro_export]",
    "macro_rules! __sdf_format {",
    ...indent([...arms, "($($any:tt)*) => { ::std::format!($($any)*) };"]),
    "}",
  ];
}

function arm(text: string): string[] {
  const pieces = text.split("{}");
  const count = pieces.length - 1;
  if (count === 0 || count > PLACEHOLDERS_MAX || text.includes("\n")) return [];
  const names = Array.from({ length: count }, (_, index) => `a${index}`);
  const literal = (piece: string): string[] =>
    piece === "" ? [] : [`out.push_str(${quoted(piece)});`];
  const pushes = pieces.flatMap((piece, index) => [
    ...literal(piece),
    ...(index < count ? [`(&$crate::rt::text::Piece(a${index})).push(&mut out);`] : []),
  ]);
  const bytes = text.length + count * PLACEHOLDER_BYTES;
  // As in the standard library the values are borrowed for the whole expression.
  return [
    `(${quoted(text)}, ${names.map((name) => `$${name}:expr`).join(", ")} $(,)?) => {`,
    `    match (${names.map((name) => `&$${name},`).join(" ")}) { (${names.map((name) => `${name},`).join(" ")}) => {`,
    "        #[allow(unused_imports)]",
    "        use $crate::rt::text::{PushAny, PushPlain};",
    `        let mut out = ::std::string::String::with_capacity(${bytes});`,
    ...indent(indent(pushes)),
    "        out",
    "    } }",
    "};",
  ];
}
