/** docs/reference/http.md: the API, from its own OpenAPI document. */
import { openApiDocument } from "../../workers/ingest/src/openapi/document.ts";
import { PROBLEMS } from "../../workers/ingest/src/problem.ts";
import { code, madeFrom, page, table } from "./markdown.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
}

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

export function httpPage(): string {
  const paths = openApiDocument()["paths"] as Readonly<Record<string, Record<string, Operation>>>;
  const sections = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => [
      `## ${method.toUpperCase()} ${path}`,
      [operation.summary, operation.description].filter(Boolean).map(sentence).join(" "),
      ...parameters(operation),
      table(
        ["status", "means"],
        Object.entries(operation.responses).map(([status, { description }]) => [
          status,
          description,
        ]),
      ),
    ]),
  );
  return page(
    madeFrom("the Worker's OpenAPI document, which it also serves as `/openapi.json`"),
    "# HTTP",
    "`/docs` on a running stack lets you try these out. Keys travel as `Authorization: Bearer <key>`.",
    ...sections,
    "## Problems",
    "Errors are `application/problem+json` (RFC 9457) with one of these in `code`.",
    table(
      ["code", "status", "means"],
      Object.entries(PROBLEMS).map(([name, { status, title }]) => [
        code(name),
        String(status),
        title,
      ]),
    ),
  );
}

function sentence(text: string | undefined): string {
  return text === undefined || text.endsWith(".") ? (text ?? "") : `${text}.`;
}

function parameters({ parameters: given = [] }: Operation): string[] {
  if (given.length === 0) return [];
  return [
    table(
      ["parameter", "in", "is"],
      given.map(({ name, in: where, description = "" }) => [code(name), where, description]),
    ),
  ];
}
