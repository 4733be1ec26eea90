/** The commands in the documentation, as a reader would paste them. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { PROJECT_DIR } from "../../local/fluvio-bridge/src/stack/layout.ts";

/** Words after `sh` that keep a block from being run, and why. */
export const NOT_RUN = {
  account: "needs a Cloudflare account",
  cluster: "needs a cluster of one's own",
  docker: "needs Docker",
  long: "does not end by itself, or takes long",
} as const;

export interface DocCommand {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** What is written after `sh`, if anything. */
  readonly mark: string;
}

/** All shell blocks of a page, in order. */
export function commandsIn(path: string): DocCommand[] {
  const file = relative(PROJECT_DIR, path);
  const commands: DocCommand[] = [];
  let open: { line: number; mark: string; text: string[] } | undefined;
  for (const [index, line] of readFileSync(path, "utf8").split("\n").entries()) {
    if (open === undefined) {
      const [, mark] = /^```(?:sh|bash|shell|console)\b *(.*)$/.exec(line) ?? [];
      if (mark !== undefined) open = { line: index + 1, mark: mark.trim(), text: [] };
    } else if (line.startsWith("```")) {
      commands.push({ file, line: open.line, mark: open.mark, text: open.text.join("\n") });
      open = undefined;
    } else {
      open.text.push(line);
    }
  }
  return commands;
}

/** The pages that a stranger reads. */
export function documentationPages(): string[] {
  const docs = join(PROJECT_DIR, "docs");
  const pages = readdirSync(docs, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(docs, name));
  return [
    join(PROJECT_DIR, "README.md"),
    join(PROJECT_DIR, "CONTRIBUTING.md"),
    ...pages.toSorted(),
  ];
}
