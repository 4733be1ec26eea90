/**
 * Which texts of a state's row the operators may change. A handle on a row borrows the others from the table, which saves
 * their copies (`RowHandle` in handle.rs); so what is not plainly a read counts as a change.
 */
import type { Column, Operator, OwnState, Partition, Service } from "../document/ir.ts";
import { blankOut } from "../document/signature.ts";

/** Columns beyond the bits of the mask are always the handle's own. */
export const MASKED_COLUMNS_MAX = 64;

/** Methods of texts that leave them as they are. */
const READING =
  "as_bytes|as_str|bytes|char_indices|chars|clone|cmp|contains|ends_with|eq|eq_ignore_ascii_case|find|is_empty|len|lines|parse|replace|rfind|split|split_whitespace|starts_with|strip_prefix|strip_suffix|to_lowercase|to_owned|to_string|to_uppercase|trim";
const READ = new RegExp(`^\\s*(?:==|!=|[,;)\\]}]|\\.\\s*(?:${READING})\\s*\\()`);
const ASSIGNED = /^\s*=(?!=)/;
/** With these a text can be changed under another name. */
const ROUNDABOUT = /\bref\s+mut\b|\bmacro_rules!|\bunsafe\b|\bstates::/;

/** A bit for each text column that an operator of the service's partition may change. */
export function changedColumns(service: Service, state: OwnState): bigint {
  if (state.value.kind !== "row") return 0n;
  const { columns } = state.value;
  let mask = 0n;
  for (const operator of rowOperators(service)) {
    const changed = changedBy(operator, state.identifier, columns);
    if (changed === undefined) return maskOf(columns, () => true);
    mask |= maskOf(columns, ({ field }) => changed.has(field));
  }
  return mask;
}

function maskOf(columns: readonly Column[], wanted: (column: Column) => boolean): bigint {
  let mask = 0n;
  for (const [index, column] of columns.slice(0, MASKED_COLUMNS_MAX).entries())
    if (column.primitive === "string" && wanted(column)) mask |= 1n << BigInt(index);
  return mask;
}

/** The operators that get a row rather than the whole table. */
export function rowOperators(service: Service): Operator[] {
  const { window } = service;
  const partition: Partition | undefined = window?.partition ?? service.partition;
  const some = (operator: Operator | undefined): Operator[] =>
    operator === undefined ? [] : [operator];
  return [
    ...(partition?.transforms ?? []),
    ...some(partition?.updateState),
    ...some(window?.updateState),
  ];
}

/** Fields; undefined when it cannot be told. */
function changedBy(
  operator: Operator,
  state: string,
  columns: readonly Column[],
): ReadonlySet<string> | undefined {
  const source = operator.code.join("\n");
  const code = blankOut(source);
  const uses = [...code.matchAll(new RegExp(`(?<![\\w.])${state}\\s*\\(`, "g"))];
  const bound = [
    ...code.matchAll(
      new RegExp(`\\blet\\s+(?:mut\\s+)?(\\w+)\\s*=\\s*${state}\\s*\\(\\s*\\)\\s*;`, "g"),
    ),
  ];
  if (uses.length !== bound.length || (bound.length > 0 && ROUNDABOUT.test(code))) return undefined;
  const names = new Set(columns.map(({ field }) => field));
  const changed = new Set<string>();
  for (const variable of new Set(bound.map((match) => match[1] ?? ""))) {
    for (const match of code.matchAll(
      new RegExp(`(?<!\\w)(?<!(?<!\\.)\\.)${variable}(?!\\w)`, "g"),
    )) {
      const before = code.slice(0, match.index);
      if (/\blet\s+(?:mut\s+)?$/.test(before)) continue;
      const after = code.slice(match.index + variable.length);
      const [whole, member] = /^\s*\.\s*((?:r#)?[A-Za-z_]\w*)/.exec(after) ?? [];
      if (whole === undefined || member === undefined) return undefined;
      const rest = after.slice(whole.length);
      if (/^\s*\(/.test(rest)) {
        if (member !== "update" && member !== "delete") return undefined;
        continue;
      }
      if (!names.has(member)) return undefined;
      if (ASSIGNED.test(rest) || !READ.test(rest) || /&\s*mut\s+$/.test(before))
        changed.add(member);
    }
  }
  return changed;
}
