/** What is wrong with a dataflow, and where. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** One line for a terminal: `dataflow.yaml:12:7: message (hint)`. */
export function formatProblem(problem: Problem): string {
  const hint = problem.hint === undefined ? "" : `\n  hint: ${problem.hint}`;
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}${hint}`;
}
