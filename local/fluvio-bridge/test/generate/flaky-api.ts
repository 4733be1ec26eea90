/** Stands in front of an API and behaves as networks and busy servers do, now and then. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FlakyApi {
  readonly url: string;
  /** How often each thing was done. */
  readonly done: { busy: number; limited: number; lost: number; passed: number };
  close(): Promise<void>;
}

/** Of six posts one is answered 503, one 429, and of one the answer is lost on its way back. */
export async function startFlakyApi(target: string): Promise<FlakyApi> {
  const done = { busy: 0, limited: 0, lost: 0, passed: 0 };
  let posts = 0;
  const server = createServer((request, response) => void handle(request, response));
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const turn = request.method === "POST" ? (posts += 1) % 6 : 0;
    if (turn === 1) {
      done.busy += 1;
      response.writeHead(503).end();
      return;
    }
    if (turn === 2) {
      done.limited += 1;
      response.writeHead(429, { "retry-after": "1" }).end();
      return;
    }
    const { authorization = "", "content-type": type = "" } = request.headers;
    const answer = await fetch(`${target}${request.url ?? ""}`, {
      method: request.method ?? "GET",
      headers: { authorization, "content-type": type },
      ...(request.method === "POST" ? { body: Buffer.concat(chunks) } : {}),
    });
    const text = await answer.text();
    if (turn === 3) {
      done.lost += 1;
      response.destroy();
      return;
    }
    done.passed += 1;
    response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    done,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
