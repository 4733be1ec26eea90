/** Environment variables of operators. The module has no environment: the host gives it the variables of the plan. */
import type { Dataflow } from "../document/ir.ts";
import { blankOut } from "../document/signature.ts";
import { operatorsOf } from "../document/operators.ts";

/** As long as `std::env`, so that columns stay those of the YAML. */
const OURS = "sdf__env";

/** The code with the runtime's variables instead of the standard library's; texts and comments stay. */
export function withOurEnvironment(code: readonly string[]): string[] {
  const blank = blankOut(code.join("\n")).split("\n");
  return code.map((line, at) => {
    let result = line;
    for (const match of (blank[at] ?? "").matchAll(/(?<![\w:])(?:std::env)(?!\w)/g))
      result = result.slice(0, match.index) + OURS + result.slice(match.index + OURS.length);
    // An import binds the name that follows, which is ours now.
    return result.replace(/\b(use\s+)sdf__env\s*;/, `$1${OURS} as env;`);
  });
}

/** The variables that operators name, in the order of the alphabet. */
export function environmentOf(dataflow: Dataflow): string[] {
  const names = new Set<string>();
  for (const operator of dataflow.services.flatMap(operatorsOf)) {
    const code = operator.code.join("\n");
    const blank = blankOut(code);
    for (const match of blank.matchAll(/\benv::var\s*\(/g)) {
      const text = /^\s*"([A-Za-z_]\w*)"/.exec(code.slice(match.index + match[0].length));
      if (text?.[1] !== undefined) names.add(text[1]);
    }
  }
  return [...names].toSorted();
}
