/**
 * Reads a request's body as text, counting bytes while they come in: a body over the limit is
 * refused without being held. gzip is inflated, and the limit holds for what comes out.
 */
import { Problem } from "../problem.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
/**
 * Types of body that are read. A browser's beacon says `text/plain`, `curl -d` says that it is a form,
 * a careless client says nothing: all of them send JSON.
 */
const TYPES =
  /^(application\/(json|x-ndjson|ndjson|jsonl|x-jsonlines|octet-stream|x-www-form-urlencoded)|text\/plain|[^;]*\+json)\s*(;|$)/i;

/** @throws Problem when a body that should hold events says that it holds something else */
export function checkBodyType(type: string | null): void {
  if (type === null || type === "" || TYPES.test(type)) return;
  throw new Problem(
    "unsupported_media_type",
    `The body is of type ${type}. Send JSON (application/json) or NDJSON (application/x-ndjson).`,
    { field: "content-type", expected: "application/json or application/x-ndjson", got: type },
  );
}

/**
 * Reads a body, whatever type it says it is: http-sink says text/html when it is not told otherwise.
 * @param bytesMax limit of the body, inflated
 * @throws Problem when it is too large, or not text
 */
export async function readBody(request: Request, bytesMax: number): Promise<string> {
  return decodeBody(await readBytes(request, bytesMax));
}

/**
 * Reads the bytes of a body, inflated.
 * @param bytesMax limit of the body, inflated
 * @throws Problem when it is too large, or does not inflate
 */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  const announced = Number(request.headers.get("content-length") ?? Number.NaN);
  if (announced > bytesMax) throw tooLarge(bytesMax, `${announced} bytes`);
  // The runtime never delivers more than was announced, so there is nothing to count.
  if (encoding === "identity" && announced <= bytesMax) {
    return new Uint8Array(await request.arrayBuffer());
  }
  if (request.body === null) return new Uint8Array();

  if (encoding === "identity") return gather(request.body, bytesMax);
  if (encoding === "gzip") {
    const inflated = request.body.pipeThrough(new DecompressionStream("gzip"));
    return gatherInflated(inflated, bytesMax);
  }
  throw new Problem(
    "unsupported_media_type",
    `The body is encoded as ${encoding}. Send it as it is, or with Content-Encoding: gzip.`,
    { field: "content-encoding", expected: "gzip or none", got: encoding },
  );
}

/**
 * Reads the bytes of a body as they were sent, compressed or not.
 * @throws Problem when there are too many
 */
export async function readRaw(request: Request, bytesMax: number): Promise<Uint8Array> {
  return request.body === null ? new Uint8Array() : gather(request.body, bytesMax);
}

/**
 * Inflates gzip.
 * @param bytesMax limit of the inflated bytes
 * @throws Problem when they are more, or the bytes are no gzip
 */
export async function inflate(bytes: Uint8Array, bytesMax: number): Promise<Uint8Array> {
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return gatherInflated(inflated, bytesMax);
}

async function gatherInflated(stream: ReadableStream, bytesMax: number): Promise<Uint8Array> {
  try {
    return await gather(stream, bytesMax);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem(
      "invalid_json",
      "The body says it is gzip, but does not inflate: it is damaged or cut short.",
      { field: "", expected: "gzip data", got: "something else" },
    );
  }
}

async function gather(stream: ReadableStream, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > bytesMax) {
      // Not awaited: a sender that goes on sending must not hold up the answer.
      reader.cancel().catch(() => undefined);
      throw tooLarge(bytesMax, "more than that");
    }
    chunks.push(value);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}

/** @throws Problem when the bytes are not UTF-8 */
export function decodeBody(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Problem("invalid_json", "The body is not UTF-8 text, which JSON must be.", {
      field: "",
      expected: "UTF-8",
      got: "bytes that are not UTF-8",
    });
  }
}

function tooLarge(bytesMax: number, got: string): Problem {
  return new Problem(
    "body_too_large",
    `The body has ${got}, but at most ${bytesMax} bytes are taken at once, inflated. Send fewer events per request.`,
    { field: "", expected: `at most ${bytesMax} bytes`, got },
  );
}
