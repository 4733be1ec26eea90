/**
 * Game clients as one process that costs little: batches over plain sockets at a steady rate, with
 * fresh ids and times stamped into prepared bytes. Started by the benchmark with its options as JSON;
 * prints one line of JSON with what was taken.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Answers } from "../ingest/post-load.ts";

export interface LoadOptions {
  readonly port: number;
  /** Events per second, all topics together. */
  readonly rate: number;
  readonly seconds: number;
  readonly players: number;
  readonly batch: number;
  readonly connections: number;
  /** Different for every load of one stack: ids must not repeat. */
  readonly run: number;
}

export interface LoadReport {
  readonly accepted: number;
  /** Answers of 429 and 503: the stack asks to wait. */
  readonly pushedBack: number;
  readonly seconds: number;
  /** Time from request to answer. */
  readonly p99Ms: number;
}

interface Template {
  readonly bytes: Buffer;
  readonly idsAt: readonly number[];
  readonly timesAt: readonly number[];
  readonly events: number;
}

const ID = "#ID-00000000";
const TIME = "2000-01-01T00:00:00.000Z";
const ID_CHARS = ID.length;
const TYPES = [
  "move",
  "interaction",
  "move",
  "level_start",
  "move",
  "level_complete",
  "level_fail",
];
const SERVERS = 24;
const LEVELS = 12;
const MAPS = 5;
const ITEMS = 16;
const RETRY_MS = 200;

const options = JSON.parse(process.argv[2] ?? "{}") as LoadOptions;
let nextId = 0;
let accepted = 0;
let pushedBack = 0;
const latencies: number[] = [];

const startedMs = performance.now();
const endMs = startedMs + options.seconds * 1000;
const templates = prepare();
let nextTemplate = 0;
let batches = 0;

await Promise.all(Array.from({ length: options.connections }, client));
latencies.sort((a, b) => a - b);
const report: LoadReport = {
  accepted,
  pushedBack,
  seconds: (performance.now() - startedMs) / 1000,
  p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
};
console.log(JSON.stringify(report));

/** One connection: takes the next batch when it is due. */
async function client(): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port: options.port, noDelay: true });
  await once(socket, "connect");
  const answers = new Answers(socket);
  const msPerBatch = (options.batch * 1000) / options.rate;
  while (performance.now() < endMs) {
    const dueMs = startedMs + batches * msPerBatch;
    batches += 1;
    const waitMs = dueMs - performance.now();
    if (dueMs > endMs) break;
    if (waitMs > 1) await sleep(waitMs);
    await deliver(answers, (bytes) => socket.write(bytes));
  }
  socket.destroy();
}

async function deliver(answers: Answers, write: (bytes: Buffer) => void): Promise<void> {
  const template = takeTemplate();
  const bytes = stamp(template);
  for (;;) {
    const sentMs = performance.now();
    write(bytes);
    const answer = await answers.next();
    if (answer.startsWith("HTTP/1.1 2")) {
      latencies.push(performance.now() - sentMs);
      accepted += template.events;
      return;
    }
    if (!/^HTTP\/1\.1 (?:429|503)/.test(answer))
      throw new Error(`refused: ${answer.slice(0, 600)}`);
    pushedBack += 1;
    if (performance.now() > endMs) return;
    await sleep(RETRY_MS);
  }
}

function takeTemplate(): Template {
  const found = templates[nextTemplate];
  if (found === undefined) throw new Error("no requests are prepared: players should be 1 or more");
  nextTemplate = (nextTemplate + 1) % templates.length;
  return found;
}

/** A copy, as several connections may send the same template at one time. */
function stamp({ bytes, idsAt, timesAt }: Template): Buffer {
  const copy = Buffer.from(bytes);
  const now = new Date().toISOString();
  for (const at of idsAt) {
    nextId += 1;
    copy.write(`${options.run}-${nextId}`.padEnd(ID_CHARS, "_"), at, "latin1");
  }
  for (const at of timesAt) copy.write(now, at, "latin1");
  return copy;
}

/** Requests that name every player once, with purchases and metrics between them. */
function prepare(): Template[] {
  const list: Template[] = [];
  for (let player = 0, index = 0; player < options.players || index < 100; index += 1) {
    // Of a hundred batches two are metrics and three purchases, much as in the default scenario.
    const slot = index % 100;
    if (slot % 50 === 7) list.push(requestOf("server-metrics", (i) => metric(index + i)));
    else if (slot % 33 === 11) list.push(requestOf("purchases", (i) => purchase(player + i)));
    else {
      const from = player;
      list.push(requestOf("player-events", (i) => visit((from + i) % options.players)));
      player += options.batch;
    }
  }
  return list;
}

function requestOf(topic: string, event: (index: number) => object): Template {
  const body = JSON.stringify(Array.from({ length: options.batch }, (_, i) => event(i)));
  const head =
    `POST /v1/events/${topic} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer dev\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const bytes = Buffer.from(head + body);
  return { bytes, idsAt: places(bytes, ID), timesAt: places(bytes, TIME), events: options.batch };
}

function places(bytes: Buffer, marker: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + marker.length)) {
    found.push(at);
  }
  return found;
}

function visit(player: number): object {
  return {
    event_id: ID,
    player_id: `player_${player}`,
    session_id: `session_${player}`,
    event_type: TYPES[player % TYPES.length],
    level_id: `level_${String(player % LEVELS).padStart(2, "0")}`,
    map_id: `map_${String(player % MAPS).padStart(2, "0")}`,
    server_id: `server_${player % SERVERS}`,
    timestamp: TIME,
    platform: "android",
    region: "eu-west",
  };
}

function purchase(player: number): object {
  return {
    event_id: ID,
    player_id: `player_${player % options.players}`,
    item_id: `item_${player % ITEMS}`,
    price: 4.99,
    currency: "USD",
    purchase_timestamp: TIME,
    ip_address: `10.${player & 7}.${(player >> 8) & 255}.${player & 255}`,
  };
}

function metric(index: number): object {
  return {
    event_id: ID,
    server_id: `server_${index % SERVERS}`,
    cpu_load: 40 + (index % 20),
    memory_usage: 60,
    latency: 30 + (index % 40),
    connected_players: 500,
    timestamp: TIME,
  };
}
