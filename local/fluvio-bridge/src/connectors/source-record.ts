/** Makes a record's bytes from a piece of a response: `output_parts` and `output_type`. */
import { isUtf8 } from "node:buffer";
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { HttpSourceSettings } from "./settings.ts";

type Output = Pick<HttpSourceSettings, "outputParts" | "outputType">;

/** @returns a function from the piece's bytes to the record's bytes */
export function recordFormat(
  response: IncomingMessage,
  output: Output,
): (piece: Uint8Array) => Uint8Array {
  const decode = textDecoderOf(response);
  const encoder = new TextEncoder();
  if (output.outputParts === "body" && output.outputType === "text") {
    // Text that is UTF-8 already, which it nearly always is, needs no detour through a string.
    return (piece) =>
      decode.encoding === "utf-8" && isUtf8(piece) ? piece : encoder.encode(decode.decode(piece));
  }
  const status = {
    version: `HTTP/${response.httpVersion}`,
    code: response.statusCode ?? 0,
    string: STATUS_CODES[response.statusCode ?? 0] ?? "",
  };
  const headers = headerValues(response);
  const isFull = output.outputParts === "full";
  if (output.outputType === "json") {
    const full = isFull ? { status, header: sortedHeader(headers) } : {};
    return (piece) => encoder.encode(JSON.stringify({ ...full, body: decode.decode(piece) }));
  }
  const head = [
    `${status.version} ${status.code} ${status.string}`,
    ...headers.flatMap(([name, values]) => values.map((value) => `${name}: ${value}`)),
    "",
  ].join("\n");
  return (piece) => encoder.encode(`${head}\n${decode.decode(piece)}`);
}

function textDecoderOf(response: IncomingMessage): InstanceType<typeof TextDecoder> {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(response.headers["content-type"] ?? "")?.[1];
  try {
    return new TextDecoder(charset ?? "utf-8", { ignoreBOM: true });
  } catch {
    return new TextDecoder("utf-8", { ignoreBOM: true });
  }
}

function headerValues(response: IncomingMessage): [string, string[]][] {
  return Object.entries(response.headersDistinct).map(([name, values]) => [name, values ?? []]);
}

function sortedHeader(headers: [string, string[]][]): { [name: string]: string | string[] } {
  return Object.fromEntries(
    headers
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]),
  );
}
