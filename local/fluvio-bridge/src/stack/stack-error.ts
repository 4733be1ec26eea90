/** Why the stack cannot start, in words a person can act on. */

export interface Problem {
  /** What is wrong and why, in one sentence. */
  readonly what: string;
  /** What to do about it; a command where there is one. */
  readonly next: string;
}

export class StackError extends Error {
  override readonly name = "StackError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(({ what, next }) => `${what} ${next}`).join("\n"), options);
    this.problems = problems;
  }
}
