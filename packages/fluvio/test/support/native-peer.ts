/**
 * Runs one scenario with the native client and prints what it saw as JSON. A process of its own,
 * because a pending `next()` of that client keeps its process alive and cannot be stopped.
 *
 *   native-peer.ts <folder with the client> <port> <scenario> [JSON argument]
 */
import {
  loadNativeClient,
  type NativeClient,
  type NativeModule,
  type NativeRecord,
} from "../../src/native/index.ts";

interface Peer {
  readonly module: NativeModule;
  readonly client: NativeClient;
}

type Scenario = (peer: Peer, argument: never) => Promise<unknown>;

/** The native client rejects with an array of one message. */
const failureOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no failure",
    (error: unknown) => String(Array.isArray(error) ? error[0] : error),
  );

const pairOf = (record: NativeRecord): [string, string] => [
  record.keyString(),
  record.valueString(),
];

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  admin: async ({ client }) => {
    const admin = await client.admin();
    const created = await admin.createTopic("native-made", { partitions: 3 });
    const again = await failureOf(admin.createTopic("native-made", { partitions: 3 }));
    const badName = await failureOf(admin.createTopic("Bad_Name", { partitions: 1 }));
    const topics = JSON.parse(await admin.listTopic()) as unknown;
    const partitions = JSON.parse(await admin.listPartitions()) as unknown[];
    const spus = JSON.parse(await admin.listSpu()) as unknown[];
    await admin.createTopic("short-lived", { partitions: 1 });
    const deleted = await admin.deleteTopic("short-lived");
    const missing = await failureOf(admin.deleteTopic("never-there"));
    return { created, again, badName, topics, partitions, spus, deleted, missing };
  },
  produce: async ({ client }, { topic, count }: { topic: string; count: number }) => {
    const producer = await client.topicProducer(topic);
    for (let index = 0; index < count; index += 2) {
      await producer.send(`key-${index}`, `value-${index}`);
      await producer.sendAll([[`key-${index + 1}`, Buffer.from(`value-${index + 1}`)]]);
    }
    await producer.flush();
    return count;
  },
  next: async ({ module, client }, { topic, count }: { topic: string; count: number }) => {
    const consumer = await client.partitionConsumer(topic, 0);
    const stream = await consumer.createStream(module.Offset.FromBeginning());
    const pairs: [string, string][] = [];
    while (pairs.length < count) pairs.push(pairOf((await stream.next()).value as NativeRecord));
    return pairs;
  },
  /** Reads what is there, then produces as many again. */
  both: async (peer, argument: never) => {
    const pairs = await SCENARIOS["next"]?.(peer, argument);
    await SCENARIOS["produce"]?.(peer, argument);
    return pairs;
  },
  callback: async ({ module, client }, { topic, count }: { topic: string; count: number }) => {
    const consumer = await client.partitionConsumer(topic, 0);
    return new Promise((resolve) => {
      const pairs: [string, string][] = [];
      void consumer.stream(module.Offset.FromBeginning(), (record) => {
        pairs.push(pairOf(record));
        if (pairs.length === count) resolve(pairs);
      });
    });
  },
  fromEnd: async ({ module, client }, { topic }: { topic: string }) => {
    const consumer = await client.partitionConsumer(topic, 0);
    const stream = await consumer.createStream(module.Offset.FromEnd());
    const next = stream.next();
    const producer = await client.topicProducer(topic);
    await producer.send("new", "record");
    await producer.flush();
    return pairOf((await next).value as NativeRecord);
  },
  unknownTopic: ({ client }) => failureOf(client.topicProducer("never-there")),
  deletedTopic: async ({ module, client }, { topic }: { topic: string }) => {
    const consumer = await client.partitionConsumer(topic, 0);
    const stream = await consumer.createStream(module.Offset.FromBeginning());
    await stream.next();
    const next = failureOf(stream.next());
    await (await client.admin()).deleteTopic(topic);
    return next;
  },
  createThenProduce: async ({ client }, { count }: { count: number }) => {
    const admin = await client.admin();
    let failures = 0;
    for (let index = 0; index < count; index += 1) {
      await admin.createTopic(`race-${index}`, { partitions: 1 });
      const producer = client.topicProducer(`race-${index}`);
      if ((await failureOf(producer)) !== "no failure") failures += 1;
    }
    return failures;
  },
};

const [from = "", port = "", name = "", argument = "null"] = process.argv.slice(2);
const module = await loadNativeClient(from);
const scenario = SCENARIOS[name];
if (module === undefined || scenario === undefined) throw new Error(`cannot run ${name}`);
const client = await module.default.connect({ host: "127.0.0.1", port: Number(port) });
const result = await scenario({ module, client }, JSON.parse(argument) as never);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
