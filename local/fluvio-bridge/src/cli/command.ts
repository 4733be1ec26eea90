/** What a subcommand is, and how its options are read. */
import { parseArgs, type ParseArgsConfig } from "node:util";

export interface Command {
  readonly help: string;
  /** @returns the process's exit code */
  readonly run: (args: string[]) => Promise<number>;
}

/** The command line was not understood; the message says what would be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Reads options and operands. @throws {UsageError} for what is not an option of this command */
export function readArgs<O extends Options>(
  args: string[],
  options: O,
): ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
> {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code?.startsWith("ERR_PARSE_ARGS") !== true) throw error;
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError(`${message.split(". ")[0] ?? message}. Options: ${known.join(" ")}`, {
      cause: error,
    });
  }
}

/** Reads a port. @throws {UsageError} when it is none */
export function readPort(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--${option} should be a port from 0 (any free one) to 65535, got ${text}`);
}

/** Reads a whole number. @throws {UsageError} when it is none */
export function readCount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} should be a whole number, got ${text}`);
}

/**
 * Reads a duration or a size.
 * @param example what such a value looks like, for the error
 * @throws {UsageError} when `parse` does not understand it
 */
export function readUnit(
  option: string,
  text: string | undefined,
  parse: (text: string) => number | undefined,
  example: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value !== undefined) return value;
  throw new UsageError(`--${option} should look like ${example}, got ${text}`);
}

/** Where Fluvio is: the option, else the environment, else the stack on this machine. */
export function fluvioEndpoint(option: string | undefined): string {
  return option ?? process.env["FLUVIO_ENDPOINT"] ?? "127.0.0.1:9003";
}

export const ENDPOINT_OPTION = { endpoint: { type: "string" } } as const;
export const ENDPOINT_HELP =
  "  --endpoint HOST:PORT  Fluvio server; default $FLUVIO_ENDPOINT or 127.0.0.1:9003";
