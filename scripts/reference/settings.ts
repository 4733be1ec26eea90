/** docs/reference/settings.md: variables of the Workers, with the comments that stand above them. */
import { readFileSync } from "node:fs";
import { code, madeFrom, page, table } from "./markdown.ts";

const FILES = ["wrangler.toml", "workers/generator/wrangler.toml"];

export function settingsPage(): string {
  return page(
    madeFrom(FILES.map(code).join(" and ")),
    "# Settings of the Workers",
    "Variables in the Workers' `wrangler.toml`. Secrets are never there: set them with `wrangler secret put`.",
    ...FILES.flatMap((file) => {
      const rows = variables(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
      return rows.length === 0 ? [] : [`## ${file}`, table(["variable", "default", "is"], rows)];
    }),
  );
}

function variables(toml: string): string[][] {
  const rows: string[][] = [];
  const start = toml.indexOf("[vars]");
  if (start < 0) return rows;
  let comment: string[] = [];
  for (const line of toml.slice(start + "[vars]".length).split("\n")) {
    if (line.startsWith("[")) break;
    if (line.startsWith("#")) comment.push(line.slice(1).trim());
    const [, name, value] = /^(\w+) = "?([^"]*)"?$/.exec(line) ?? [];
    if (name === undefined) continue;
    rows.push([code(name), code(value ?? ""), comment.join(" ")]);
    comment = [];
  }
  return rows;
}
