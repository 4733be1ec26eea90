import { describe, expect, test, vi } from "vitest";
import type { OutputRecord } from "../../src/engine/index.ts";
import { SinkWriter } from "../../src/node/sink-writer.ts";

function output(text: string): OutputRecord {
  return { sink: 0, timestamp: 0, key: null, value: new TextEncoder().encode(text) };
}

/** Takes records as a topic would, and refuses those that `refuse` says. */
function topic(refuse: (text: string, attempt: number) => boolean) {
  const written: string[] = [];
  const attempts = new Map<string, number>();
  return {
    written,
    send({ value }: { value: Uint8Array }): Promise<unknown> {
      const text = new TextDecoder().decode(value);
      const attempt = (attempts.get(text) ?? 0) + 1;
      attempts.set(text, attempt);
      if (refuse(text, attempt)) return Promise.reject(new Error("the server is away"));
      written.push(text);
      return Promise.resolve();
    },
  };
}

function writerTo(producer: ReturnType<typeof topic>) {
  const failures: number[] = [];
  const givenUp: number[] = [];
  const writer = new SinkWriter({
    producer,
    onProgress: () => {},
    onFailure: (_error, failed) => failures.push(failed),
    isHopeless: (error) => error === "too long",
    onGivenUp: () => givenUp.push(1),
  });
  return { writer, failures, givenUp };
}

describe("outputs to a topic", () => {
  test("come in order and settle when acknowledged", async () => {
    const producer = topic(() => false);
    const { writer } = writerTo(producer);
    for (let index = 0; index < 2500; index += 1) writer.push(output(String(index)));
    expect(writer.pending).toBe(2500);
    expect(await writer.settled()).toBe(true);
    expect(writer.pending).toBe(0);
    expect(producer.written).toEqual(Array.from({ length: 2500 }, (_, index) => String(index)));
  });

  test("are tried again until the server takes them, and what was taken is not", async () => {
    const producer = topic((text, attempt) => text === "b" && attempt < 3);
    const { writer, failures } = writerTo(producer);
    for (const text of ["a", "b", "c"]) writer.push(output(text));
    expect(await writer.settled()).toBe(true);
    expect(producer.written).toEqual(["a", "c", "b"]);
    expect(failures).toEqual([1, 1]);
  });

  test("later ones wait behind a chunk that has not been taken", async () => {
    let away = true;
    const producer = topic(() => away);
    const { writer, failures } = writerTo(producer);
    writer.push(output("a"));
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    writer.push(output("b"));
    const settled = writer.settled();
    away = false;
    expect(await settled).toBe(true);
    expect(producer.written).toEqual(["a", "b"]);
  });

  test("one that can never be taken is given up alone", async () => {
    const producer = {
      written: [],
      send: ({ value }: { value: Uint8Array }) =>
        value.length > 1 ? Promise.reject("too long") : Promise.resolve(),
    };
    const { writer, failures, givenUp } = writerTo(producer);
    for (const text of ["a", "bb", "c"]) writer.push(output(text));
    expect(await writer.settled()).toBe(true);
    expect(givenUp).toHaveLength(1);
    expect(failures).toEqual([]);
  });

  test("stopping gives up what is pending and says so", async () => {
    const producer = topic(() => true);
    const { writer } = writerTo(producer);
    writer.push(output("a"));
    const settled = writer.settled();
    writer.stop();
    expect(await settled).toBe(false);
    expect(await writer.settled()).toBe(false);
    expect(writer.pending).toBe(1);
  });
});
