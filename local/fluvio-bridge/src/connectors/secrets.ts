/**
 * Secrets of connector files. As with `cdk`, the whole text is rendered before it is read as YAML:
 * `${{ secrets.NAME }}` becomes the secret's value, `${# … #}` disappears. Of the template language
 * only that is known here; anything else is an error rather than a guess.
 */
import { readFileSync } from "node:fs";

/** Where the value of a secret comes from. */
export type SecretSource = (name: string) => string | undefined;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const TEMPLATE = /\$\{(\{[^}]*\}\}|%[\s\S]*?%\}|#[\s\S]*?#\})/g;
const SECRET_EXPRESSION = /^\{\s*secrets(?:\.([A-Za-z0-9_]+)|\[\s*["']([^"']+)["']\s*\])\s*\}\}$/;

/** Is this a name that a secret may have? */
export function isSecretName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Fills in the secrets of a connector file.
 * @param declared the names under `meta.secrets`; only these can be used
 * @returns the text, and what is wrong with it in words, one per problem
 */
export function renderSecrets(
  text: string,
  declared: readonly string[],
  source: SecretSource,
): { text: string; problems: string[] } {
  const problems = declared
    .filter((name) => source(name) === undefined)
    .map(
      (name) =>
        `the secret ${name} has no value: set the environment variable ${name}, or put it into a file given with --secrets`,
    );
  const rendered = text.replaceAll(TEMPLATE, (template: string, inner: string) => {
    if (inner.startsWith("#")) return "";
    const match = SECRET_EXPRESSION.exec(inner);
    const name = match?.[1] ?? match?.[2];
    if (name === undefined) {
      problems.push(`${template} is not understood: only \${{ secrets.NAME }} is`);
      return "";
    }
    if (!declared.includes(name)) {
      problems.push(`${template} is used, but ${name} is not listed under meta.secrets`);
      return "";
    }
    return source(name) ?? "";
  });
  return { text: rendered, problems };
}

/** The text with a stand-in for every template, so that it can be read as YAML before rendering. */
export function withoutTemplates(text: string): string {
  return text.replaceAll(TEMPLATE, (_, inner: string) => (inner.startsWith("{") ? "x" : ""));
}

/** Secrets from the process's environment. */
export function environmentSecrets(env: NodeJS.ProcessEnv): SecretSource {
  return (name) => env[name];
}

/** Secrets from a file of `key=value` lines; the first line with the key counts. */
export function fileSecrets(path: string): SecretSource {
  const values = new Map<string, string>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const at = line.indexOf("=");
    if (at === -1) continue;
    const key = line.slice(0, at).trim();
    if (!values.has(key)) values.set(key, line.slice(at + 1).trim());
  }
  return (name) => values.get(name);
}
