/**
 * The least that a Worker can do with a batch and still keep it: parse the JSON, append the body as
 * one blob, answer. No keys, no checks, no ids, no positions. Streams its blobs back for `feed_vs_bare_read`.
 */
import { DurableObject } from "cloudflare:workers";

const SHARDS = 1;
const READ_BYTES = 512 * 1024;
let next = 0;

export class Blobs extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS blobs (n INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    );
  }

  append(body) {
    this.ctx.storage.sql.exec("INSERT INTO blobs (body) VALUES (?)", body);
  }

  /** Blobs after a row, about half a mebibyte of them. */
  read(after) {
    const blobs = [];
    let bytes = 0;
    let last = after;
    for (const row of this.ctx.storage.sql.exec(
      "SELECT n, body FROM blobs WHERE n > ? ORDER BY n",
      after,
    )) {
      blobs.push(row.body);
      bytes += row.body.byteLength;
      last = row.n;
      if (bytes >= READ_BYTES) break;
    }
    return { last, blobs };
  }
}

async function pump(stub, writer) {
  for (let after = 0; ;) {
    const { last, blobs } = await stub.read(after);
    if (blobs.length === 0) return;
    for (const blob of blobs) await writer.write(new Uint8Array(blob));
    after = last;
  }
}

export default {
  async fetch(request, env, ctx) {
    const stubs = () =>
      Array.from({ length: SHARDS }, (_, n) => env.BLOBS.get(env.BLOBS.idFromName(`blobs-${n}`)));
    if (request.method === "GET") {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      ctx.waitUntil(
        Promise.all(stubs().map((stub) => pump(stub, writer))).then(() => writer.close()),
      );
      return new Response(readable);
    }
    const body = new Uint8Array(await request.arrayBuffer());
    const events = JSON.parse(new TextDecoder().decode(body));
    next = (next + 1) % SHARDS;
    const stub = env.BLOBS.get(env.BLOBS.idFromName(`blobs-${next}`));
    await stub.append(body);
    return Response.json({ accepted: events.length });
  },
};
