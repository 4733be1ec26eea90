/** The cases: each moves the same number of records of the same size; the number is one of whole chunks. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Fluvio } from "../../packages/fluvio/src/client/index.ts";
import type { NativeClient, NativeModule } from "../../packages/fluvio/src/native/index.ts";

export const RECORD_BYTES = 300;
const ECHO_MESSAGE_BYTES = 16 * 1024;
/** Records that a producer gets at once: each client is fastest in this way (`sendAll`). */
const CHUNK_RECORDS = 1000;

/** Echoes the records' bytes; resolves when all of them have come back. */
export async function echoAll(port: number, records: number): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const message = Buffer.alloc(ECHO_MESSAGE_BYTES, 97);
  const total = Math.ceil((records * RECORD_BYTES) / ECHO_MESSAGE_BYTES) * ECHO_MESSAGE_BYTES;
  let received = 0;
  socket.write(message);
  await new Promise<void>((resolve, reject) => {
    socket.on("close", () => reject(new Error("the echo ended")));
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received === total) resolve();
      else if (received % ECHO_MESSAGE_BYTES === 0) socket.write(message);
    });
  });
  socket.destroy();
}

/** Sends records and waits until all are acknowledged. */
export async function produceAll(fluvio: Fluvio, topic: string, records: number): Promise<void> {
  await fluvio.admin.ensureTopic(topic, { retentionSeconds: 60, segmentBytes: 16 * 1024 * 1024 });
  const producer = await fluvio.producer(topic);
  const value = Buffer.alloc(RECORD_BYTES, 97);
  const chunk = Array.from({ length: CHUNK_RECORDS }, () => ({ value }));
  for (let sent = 0; sent < records; sent += chunk.length) {
    void producer.sendAll(chunk);
    await new Promise(setImmediate);
  }
  await producer.close();
}

/** Reads a topic from its beginning, and every value's length. */
export async function consumeAll(fluvio: Fluvio, topic: string, records: number): Promise<void> {
  const consumer = await fluvio.consumer(topic, { start: "beginning" });
  let count = 0;
  let bytes = 0;
  for await (const batch of consumer) {
    for (const record of batch.records) bytes += record.value.length;
    count += batch.records.length;
    if (count >= records) break;
  }
  await consumer.close();
  if (bytes !== records * RECORD_BYTES) throw new Error(`${bytes} bytes came back`);
}

export async function nativeProduceAll(
  client: NativeClient,
  topic: string,
  records: number,
): Promise<void> {
  const producer = await client.topicProducer(topic);
  const value = Buffer.alloc(RECORD_BYTES, 97);
  const chunk = Array.from({ length: CHUNK_RECORDS }, (): [string, Buffer] => ["", value]);
  for (let sent = 0; sent < records; sent += chunk.length) await producer.sendAll(chunk);
  await producer.flush();
}

/** As `consumeAll`, but without looking at the values: reading one copies it. */
export async function nativeConsumeAll(
  { client, native }: { readonly client: NativeClient; readonly native: NativeModule },
  topic: string,
  records: number,
): Promise<void> {
  const consumer = await client.partitionConsumer(topic, 0);
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    const streaming = consumer.stream(native.Offset.FromBeginning(), () => {
      count += 1;
      if (count === records) resolve();
    });
    streaming.catch(reject);
  });
}
