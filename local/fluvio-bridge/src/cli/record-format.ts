/** How a record is printed, as `fluvio consume` prints it. */
import type { ConsumedRecord } from "@arenaflow/fluvio/client";
import { UsageError } from "./command.ts";

export type RecordFormat = (partition: number, record: ConsumedRecord) => string;

interface Choice {
  readonly output: string;
  readonly template: string | undefined;
  readonly withKey: boolean;
}

/** @throws {UsageError} for an output that does not exist */
export function recordFormat({ output, template, withKey }: Choice): RecordFormat {
  if (template !== undefined) return (partition, record) => fill(template, partition, record);
  if (output === "json") return asJson;
  if (output !== "text") throw new UsageError(`--output should be text or json, got ${output}`);
  return withKey
    ? (_, record) => `[${textOf(record.key) ?? "null"}] ${textOf(record.value)}`
    : (_, record) => textOf(record.value) ?? "";
}

function fill(template: string, partition: number, record: ConsumedRecord): string {
  const parts: Readonly<Record<string, string>> = {
    key: textOf(record.key) ?? "null",
    value: textOf(record.value) ?? "",
    offset: String(record.offset),
    partition: String(partition),
    time: new Date(record.timestamp).toISOString(),
  };
  return template.replaceAll(/\{\{(\w+)\}\}/g, (all, name: string) => parts[name] ?? all);
}

/** One line; a value that is JSON itself is not quoted again. */
function asJson(partition: number, record: ConsumedRecord): string {
  const { offset, timestamp } = record;
  const value = textOf(record.value) ?? "";
  return JSON.stringify({
    partition,
    offset,
    timestamp,
    key: textOf(record.key),
    value: parsed(value),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("utf8");
}
