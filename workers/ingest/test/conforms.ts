/** Holds answers against the OpenAPI document: as much of JSON Schema as the document uses. */
import { openApiDocument } from "../src/openapi/document.ts";

type Schema = { readonly [keyword: string]: unknown };

interface Described {
  readonly content?: { readonly [type: string]: { readonly schema: Schema } };
}

type Paths = Readonly<
  Record<string, Record<string, { readonly responses: Readonly<Record<string, Described>> }>>
>;

const document = openApiDocument();
const paths = document["paths"] as Paths;
const { schemas } = document["components"] as { schemas: Record<string, Schema> };

/** The path of the document that a path of a request is of. */
export function templateOf(path: string): string | undefined {
  if (path in paths) return path;
  return Object.keys(paths).find((template) => {
    const parts = template.split("/");
    const given = path.split("/");
    return (
      parts.length === given.length &&
      parts.every((part, i) => part.startsWith("{") || part === given[i])
    );
  });
}

/** What an answer has that the document does not say; empty when they agree. */
export async function differences(method: string, path: string, response: Response) {
  const template = templateOf(path);
  const operation = template === undefined ? undefined : paths[template]?.[method.toLowerCase()];
  // What no operation is at is told by two statuses that need no document.
  if (operation === undefined)
    return [401, 403, 404, 405].includes(response.status)
      ? []
      : [`undocumented, with ${response.status}`];
  const described = operation.responses[String(response.status)];
  if (described === undefined) return [`status ${response.status}`];
  const text = await response.text();
  if (text === "") {
    const mayBeEmpty = described.content === undefined || response.status === 429;
    return mayBeEmpty ? [] : [`an empty ${response.status}`];
  }
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  const schema = described.content?.[type]?.schema;
  if (schema === undefined) return [`${response.status} of type ${type}`];
  return type.endsWith("json") && !type.endsWith("ndjson")
    ? check(schema, JSON.parse(text), "")
    : [];
}

function check(schema: Schema, value: unknown, at: string): string[] {
  if (typeof schema["$ref"] === "string") {
    return check(schemas[schema["$ref"].split("/").at(-1) ?? ""] ?? {}, value, at);
  }
  const wrong: string[] = [];
  if (!hasType(schema["type"], value)) return [`${at}: not ${JSON.stringify(schema["type"])}`];
  if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value)) wrong.push(`${at}: enum`);
  const { minimum } = schema;
  if (typeof minimum === "number" && (value as number) < minimum) wrong.push(`${at}: minimum`);
  if (Array.isArray(value) && schema["items"] !== undefined) {
    for (const [i, item] of value.entries()) {
      wrong.push(...check(schema["items"] as Schema, item, `${at}/${i}`));
    }
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const name of (schema["required"] as string[] | undefined) ?? []) {
      if (!(name in value)) wrong.push(`${at}/${name}: missing`);
    }
    const properties = (schema["properties"] ?? {}) as Record<string, Schema>;
    const others = schema["additionalProperties"] as Schema | boolean | undefined;
    for (const [name, member] of Object.entries(value)) {
      const own = properties[name] ?? (typeof others === "object" ? others : {});
      wrong.push(...check(own, member, `${at}/${name}`));
    }
  }
  return wrong;
}

function hasType(type: unknown, value: unknown): boolean {
  if (type === undefined) return true;
  if (Array.isArray(type)) return type.some((one) => hasType(one, value));
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object")
    return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}
