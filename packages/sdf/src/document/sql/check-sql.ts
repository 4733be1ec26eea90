/** Queries that stand in operators as literals, checked as the engine would take them. */
import type { Dataflow, Operator, OwnState, Place, Service, State } from "../ir.ts";
import { closest, snakeCase } from "../names.ts";
import { operatorsOf } from "../operators.ts";
import type { Reader } from "../reader.ts";
import { readQuery, type Scope } from "./grammar.ts";
import { SqlProblem, type Token } from "./lexer.ts";
import { findQueries, type QueryText } from "./literals.ts";

/** Columns by the names of tables. */
type Tables = ReadonlyMap<string, readonly string[]>;

const HINT = "docs/reference/sdf.md says what there is";

/** Reports queries that the engine would refuse when they run. */
export function checkSql(reader: Reader, dataflow: Dataflow): void {
  for (const service of dataflow.services) {
    const tables = tablesOf(dataflow, service);
    for (const operator of operatorsOf(service)) {
      const code = operator.code.join("\n");
      for (const query of findQueries(code)) {
        // A result or a single state has one table, `self`, whose columns only the run knows.
        const problem = checkQuery(query.text, query.isOfFrame ? undefined : tables);
        if (problem !== undefined) report(reader, operator, { code, query, problem });
      }
    }
  }
}

function report(
  reader: Reader,
  operator: Operator,
  found: { readonly code: string; readonly query: QueryText; readonly problem: SqlProblem },
): void {
  const { code, query, problem } = found;
  const lines = code.slice(0, query.offsets[problem.at] ?? 0).split("\n");
  const place: Place = {
    line: operator.codeLine + lines.length - 1,
    column: (lines.at(-1) ?? "").length + 1,
  };
  const { codeFile } = operator;
  const hint = problem.hint ?? HINT;
  // A package's function is told of where it is used.
  if (codeFile === undefined) reader.report(place, `SQL: ${problem.message}`, hint);
  else
    reader.report(
      operator.signature.at,
      `SQL in ${codeFile}:${place.line}:${place.column}: ${problem.message}`,
      hint,
    );
}

/**
 * Why the engine would refuse a query; undefined when it would not, as far as its text tells.
 * @param tables columns by the names of tables; without them names are not checked
 */
export function checkQuery(text: string, tables: Tables | undefined): SqlProblem | undefined {
  try {
    for (const scope of readQuery(text)) if (tables !== undefined) checkNames(scope, tables);
    return undefined;
  } catch (cause) {
    if (cause instanceof SqlProblem) return cause;
    throw cause;
  }
}

/** The tables that `sql()` sees in a service, by both of their names. */
function tablesOf(dataflow: Dataflow, service: Service): Tables {
  const tables = new Map<string, readonly string[]>();
  for (const state of service.states) {
    const own = ownerOf(dataflow, state);
    if (own === undefined) continue;
    const columns =
      own.value.kind === "row" ? own.value.columns.map(({ name }) => name) : ["value"];
    for (const name of [snakeCase(state.name), state.name])
      tables.set(name, ["_key", ...columns, "_updated_at"]);
  }
  return tables;
}

function ownerOf({ services }: Dataflow, state: State): OwnState | undefined {
  if (state.kind === "own") return state;
  const owner = services.find(({ name }) => name === state.service);
  const found = owner?.states.find(({ name }) => name === state.state);
  return found?.kind === "own" ? found : undefined;
}

/** @throws SqlProblem */
function checkNames(scope: Scope, tables: Tables): void {
  const bound = new Map<string, readonly string[]>();
  for (const { name, alias } of scope.tables) {
    if (name.kind === "unknown") return;
    const columns = tables.get(name.text);
    if (columns === undefined) throw noTable(name, tables);
    if (bound.has(alias)) {
      const message = `the table name "${alias}" is used twice`;
      throw new SqlProblem(name.at, message, "give one an alias");
    }
    bound.set(alias, columns);
  }
  for (const { table, column } of scope.names) {
    if (column.kind === "unknown" || table?.kind === "unknown") continue;
    if (table === undefined && scope.aliases.includes(column.text)) continue;
    const reach = table === undefined ? [...bound.values()].flat() : bound.get(table.text);
    if (reach?.includes(column.text) !== true) throw noColumn(column, reach ?? []);
  }
}

function noTable({ text, at }: Token, tables: Tables): SqlProblem {
  const names = [...tables.keys()];
  const near = closest(text, names);
  const there = names.length === 0 ? "the service has no states" : `there are: ${names.join(", ")}`;
  const hint = near === undefined ? there : `did you mean "${near}"?`;
  return new SqlProblem(at, `no table "${text}"`, hint);
}

function noColumn({ text, at }: Token, columns: readonly string[]): SqlProblem {
  const near = closest(text, columns);
  const hint = near === undefined ? `there are: ${columns.join(", ")}` : `did you mean "${near}"?`;
  return new SqlProblem(at, `no column "${text}"`, hint);
}
