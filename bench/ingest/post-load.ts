/** Posts batches of events over plain sockets, so that the load costs little beside what it measures. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const PLAYERS = 200;
const ID_DIGITS = 12;
const TYPES = ["move", "interaction", "level_start", "level_complete", "level_fail"];

export interface Load {
  readonly port: number;
  readonly path: string;
  /** Per request. */
  readonly events: number;
  readonly connections: number;
  readonly requests: number;
}

/** A request that can be sent many times, with fresh ids each time. */
interface Template {
  readonly bytes: Buffer;
  /** Where the digits of the ids begin. */
  readonly ids: readonly number[];
}

let nextId = Math.floor(Math.random() * 1e11);

/** Sends the requests, each connection one after another, and checks that all were taken. */
export async function postLoad(load: Load): Promise<void> {
  let left = load.requests;
  const take = () => (left -= 1) >= 0;
  await Promise.all(Array.from({ length: load.connections }, () => client(load, take)));
}

async function client(load: Load, take: () => boolean): Promise<void> {
  const template = templateOf(load);
  const socket = connect({ host: "127.0.0.1", port: load.port, noDelay: true });
  await once(socket, "connect");
  const answers = new Answers(socket);
  while (take()) {
    stampIds(template);
    socket.write(template.bytes);
    const answer = await answers.next();
    if (!answer.startsWith("HTTP/1.1 2")) throw new Error(`refused: ${answer.slice(0, 600)}`);
  }
  socket.destroy();
}

/** An event as a game's SDK sends it. */
export function sampleEvent(index: number): Record<string, unknown> {
  const player = index % PLAYERS;
  return {
    event_id: `0193a5d2-7f4e-7abc-8def-${"0".repeat(ID_DIGITS)}`,
    player_id: `player-${player}`,
    session_id: `session-${player}-7f4e`,
    event_type: TYPES[index % TYPES.length],
    level_id: `level_${String(index % 12).padStart(2, "0")}`,
    map_id: `map_${String(index % 5).padStart(2, "0")}`,
    timestamp: new Date().toISOString(),
    platform: "android",
    region: "eu-west",
    x: (index * 37) % 1000,
    y: ((index * 91) % 10_000) / 10,
  };
}

function templateOf({ path, events }: Load): Template {
  const body = JSON.stringify(Array.from({ length: events }, (_, index) => sampleEvent(index)));
  const head =
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer dev\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const bytes = Buffer.from(head + body);
  const marker = "0".repeat(ID_DIGITS);
  const ids: number[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + ID_DIGITS)) {
    ids.push(at);
  }
  return { bytes, ids };
}

function stampIds({ bytes, ids }: Template): void {
  for (const at of ids) {
    nextId += 1;
    bytes.write(String(nextId).padStart(ID_DIGITS, "0"), at, "latin1");
  }
}

/** The answers on one socket, which come one at a time. */
export class Answers {
  #text = "";
  #arrived: ((answer: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("latin1");
      if (!isWhole(this.#text)) return;
      const answer = this.#text;
      this.#text = "";
      this.#arrived?.(answer);
    });
    socket.on("error", (error) => this.#failed?.(error));
    socket.on("close", () => this.#failed?.(new Error("the Worker closed the connection")));
  }

  next(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#arrived = resolve;
      this.#failed = reject;
    });
  }
}

function isWhole(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const length = /content-length: *(\d+)/i.exec(text)?.[1];
  if (length === undefined) return text.endsWith("\r\n0\r\n\r\n");
  return text.length >= headEnd + 4 + Number(length);
}
