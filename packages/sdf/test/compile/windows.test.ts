/** Event time, one rule at a time; ABI.md, section Time. */
import { beforeAll, describe, expect, test } from "vitest";
import { buildModule, TestHost, type Output } from "./test-host.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const YAML = `
apiVersion: 0.6.0
meta: { name: windows, version: 0.1.0, namespace: test }
config: { converter: json }
types:
  hit:
    type: object
    properties:
      name: { type: string }
      at: { type: i64 }
  count:
    type: object
    properties:
      start: { type: i64 }
      end: { type: i64 }
      names: { type: names }
  names: { type: list, items: { type: string } }
topics:
  hits: { schema: { value: { type: hit } } }
  idle-hits: { schema: { value: { type: hit } } }
  tumbling: { schema: { value: { type: count } } }
  sliding: { schema: { value: { type: count } } }
  idle: { schema: { value: { type: count } } }
  unstamped: { schema: { value: { type: count } } }
services:
${service("tumbling-hits", "hits", "tumbling", "tumbling: { duration: 10ms }\n      watermark: { grace-period: 3ms }", true)}
${service("sliding-hits", "hits", "sliding", "sliding: { duration: 10ms, slide: 4ms }", true)}
${service("idle-hits", "idle-hits", "idle", "tumbling: { duration: 10ms }\n      watermark: { idleness: 100ms, grace-period: 5ms }", true)}
${service("unstamped-hits", "hits", "unstamped", "tumbling: { duration: 10ms }", false)}
`;

function service(
  name: string,
  source: string,
  sink: string,
  window: string,
  stamped: boolean,
): string {
  const stamp = `
      assign-timestamp:
        run: |
          fn stamp(hit: Hit, _event_time: i64) -> Result<i64> {
            if hit.at == 777_777 { return Err(sdfg::anyhow::anyhow!("no time")) }
            Ok(hit.at)
          }`;
  return `
  ${name}:
    sources: [{ type: topic, id: ${source} }]
    states:
      seen:
        type: keyed-state
        properties:
          key: { type: string }
          value: { type: arrow-row, properties: { n: { type: u32 } } }
    window:
      ${window}${stamped ? stamp : ""}
      partition:
        assign-key:
          run: |
            fn key_of(hit: Hit) -> Result<String> { Ok(hit.name) }
        update-state:
          run: |
            fn note(_hit: Hit) -> Result<()> {
              let mut row = seen();
              row.n += 1;
              row.update()?;
              Ok(())
            }
      flush:
        run: |
          fn list() -> Result<Count> {
            let (start, end) = window();
            let df = sql("select * from seen")?;
            let (key, n, rows) = (df.key()?, df.col("n")?, df.rows()?);
            let mut names = vec![];
            while rows.next() { names.push(format!("{}{}", rows.str(&key)?, rows.u32(&n)?)); }
            Ok(Count { start, end, names })
          }
    sinks: [{ type: topic, id: ${sink} }]`;
}

const hit = (at: number, name = "a") => [at, { name, at }] as const;

function windowsOf(outputs: readonly Output[], topic: string): string[] {
  return outputs
    .filter((output) => output.topic === topic)
    .map((output) => {
      const { start, end, names } = output.value as { start: number; end: number; names: string[] };
      return `${start}-${end} ${names.join(" ")}`;
    });
}

describe.skipIf(!haveRustc)("windows (needs rustc with the Wasm target)", () => {
  let module: WebAssembly.Module;
  const host = (): TestHost => new TestHost(module);
  const tumbling = (...records: readonly (readonly [number, unknown])[]): string[] =>
    windowsOf(host().sendJson("hits", records), "tumbling");

  beforeAll(async () => {
    module = await buildModule(YAML);
  }, BUILD_TIMEOUT_MS);

  test("a window closes when the watermark reaches its end and the grace period, not before", () => {
    expect(tumbling(hit(1), hit(12))).toEqual([]);
    expect(tumbling(hit(1), hit(13))).toEqual(["0-10 a1"]);
  });

  test("start belongs to a window, end to the next; negative times too", () => {
    expect(tumbling(hit(0), hit(9), hit(10), hit(40))).toEqual(["0-10 a2", "10-20 a1"]);
    expect(tumbling(hit(-1), hit(-10), hit(40))).toEqual(["-10-0 a2"]);
  });

  test("within the grace period a record still counts; after it, it is late and counted as such", () => {
    expect(tumbling(hit(1), hit(12), hit(2), hit(13))).toEqual(["0-10 a2"]);
    const late = host();
    late.sendJson("hits", [hit(1), hit(13), hit(2)]);
    expect(windowsOf(late.finish(), "tumbling")).toEqual(["10-20 a1"]);
    expect(
      late
        .stats()
        .services.map((s) => [s.name, s.late])
        .slice(0, 2),
    ).toEqual([
      ["tumbling-hits", 1],
      ["sliding-hits", 1],
    ]);
  });

  test("the record that moves the watermark belongs to its own window first", () => {
    expect(tumbling(hit(1), hit(23), hit(100))).toEqual(["0-10 a1", "20-30 a1"]);
  });

  test("windows close in the order of their start; empty ones do not flush", () => {
    expect(tumbling(hit(12), hit(1), hit(55), hit(90))).toEqual([
      "0-10 a1",
      "10-20 a1",
      "50-60 a1",
    ]);
  });

  test("results are the same however records are cut into batches", () => {
    const times = [3, 11, 5, 14, 2, 22, 19, 31, 28, 9, 47, 60];
    const at = (cut: number): string[] => {
      const target = host();
      const outputs: Output[] = [];
      for (let from = 0; from < times.length; from += cut)
        outputs.push(
          ...target.sendJson(
            "hits",
            times.slice(from, from + cut).map((t) => hit(t, `k${t % 3}`)),
          ),
        );
      outputs.push(...target.finish());
      return ["tumbling", "sliding"].flatMap((topic) => windowsOf(outputs, topic));
    };
    expect(at(1)).toEqual(at(times.length));
    expect(at(5)).toEqual(at(times.length));
  });

  test("sliding windows start at multiples of slide, and a record enters all that hold it", () => {
    const target = host();
    const outputs = [...target.sendJson("hits", [hit(9)]), ...target.finish()];
    expect(windowsOf(outputs, "sliding")).toEqual(["0-10 a1", "4-14 a1", "8-18 a1"]);
  });

  test("a record late for one sliding window still enters the open ones", () => {
    const target = host();
    const outputs = [...target.sendJson("hits", [hit(11), hit(9, "b")]), ...target.finish()];
    expect(windowsOf(outputs, "sliding")).toEqual(["4-14 a1 b1", "8-18 a1 b1"]);
  });

  test("without assign-timestamp the record's own time counts", () => {
    const target = host();
    const outputs = target.send("hits", [
      { time: 5, value: '{"name":"x","at":1}' },
      { time: 25, value: '{"name":"x","at":1}' },
    ]);
    expect(windowsOf(outputs, "unstamped")).toEqual(["0-10 x1"]);
  });

  test("a record without a time is dropped, counted, and does not move the watermark", () => {
    const target = host();
    target.sendJson("hits", [hit(1), hit(777_777)]);
    expect(target.rejected().map((r) => [r.record, r.reason])).toEqual([
      [1, "no time"],
      [1, "no time"],
    ]);
    expect(target.stats().services[0]?.watermark).toBe(1);
  });

  test("the watermark is that of the slowest partition", () => {
    const target = host();
    const send = (time: number, partition: number): string[] =>
      windowsOf(
        target.send(
          "idle-hits",
          [{ partition, time, value: JSON.stringify({ name: "a", at: time }) }],
          0,
        ),
        "idle",
      );
    expect([send(1, 0), send(2, 1), send(50, 0)]).toEqual([[], [], []]);
    expect(send(16, 1)).toEqual(["0-10 a2"]);
  });

  test("an idle partition holds nothing back; when all are idle the clock closes what is open", () => {
    const target = host();
    const send = (time: number, partition: number, now: number): string[] =>
      windowsOf(
        target.send(
          "idle-hits",
          [{ partition, time, value: JSON.stringify({ name: "a", at: time }) }],
          now,
        ),
        "idle",
      );
    const tick = (now: number): string[] => windowsOf(target.tick(now), "idle");
    send(1, 0, 1000);
    send(2, 1, 1000);
    expect(send(20, 1, 1099)).toEqual([]);
    // Partition 0 has been silent for 100 ms: only partition 1 counts.
    expect(send(21, 1, 1100)).toEqual(["0-10 a2"]);
    expect(tick(1199)).toEqual([]);
    // All idle now: partition 0 is the furthest, 1 + 200 ms of silence.
    expect(tick(1200)).toEqual(["20-30 a2"]);
    expect(target.stats().services[2]?.watermark).toBe(35);
  });

  test("what was held up while all were silent is in time for every window that nobody was told of", () => {
    const target = host();
    const send = (time: number, now: number): string[] =>
      windowsOf(
        target.send("idle-hits", [{ time, value: JSON.stringify({ name: "a", at: time }) }], now),
        "idle",
      );
    const tick = (now: number): string[] => windowsOf(target.tick(now), "idle");
    send(1, 1000);
    expect(tick(9000)).toEqual(["0-10 a1"]);
    // Told already, or older.
    send(9, 9000);
    expect(target.stats().services[2]).toMatchObject({ late: 1, watermark: 15 });
    expect(send(11, 9000)).toEqual([]);
    expect(send(26, 9000)).toEqual(["10-20 a1"]);
    expect(tick(9100)).toEqual(["20-30 a1"]);
    expect(target.stats().services[2]).toMatchObject({ late: 1 });
  });

  test("the watermark never goes back, also when a new partition begins in the past", () => {
    const target = host();
    const send = (time: number, partition: number): Output[] =>
      target.send("hits", [{ partition, time, value: JSON.stringify({ name: "a", at: time }) }]);
    send(1, 0);
    expect(windowsOf(send(30, 0), "tumbling")).toEqual(["0-10 a1"]);
    send(5, 1);
    expect(target.stats().services[0]).toMatchObject({ late: 1, watermark: 30 });
  });

  test("a snapshot taken at any record gives the same results in a new instance", () => {
    const records = [3, 11, 5, 14, 2, 22, 19, 31, 28, 9, 47, 60].map((t) => hit(t, `k${t % 3}`));
    const whole = host();
    const expected = [...whole.sendJson("hits", records), ...whole.finish()];
    for (let cut = 0; cut <= records.length; cut++) {
      const first = host();
      const before = first.sendJson("hits", records.slice(0, cut));
      const second = host();
      expect(second.restore(first.snapshot())).toBe(0);
      const after = [...second.sendJson("hits", records.slice(cut)), ...second.finish()];
      const order = (o: Output): string => o.topic;
      const sorted = (list: Output[]): Output[] =>
        list.toSorted((a, b) => order(a).localeCompare(order(b)));
      expect(sorted([...before, ...after])).toEqual(sorted(expected));
    }
  });

  test("after a restore a partition has been silent as long as it was when the snapshot was taken", () => {
    const first = host();
    first.sendJson("idle-hits", [hit(1)], 1000);
    first.tick(1060);
    const second = host();
    second.restore(first.snapshot());
    expect(windowsOf(second.tick(900_000), "idle")).toEqual([]);
    expect(windowsOf(second.tick(900_039), "idle")).toEqual([]);
    expect(windowsOf(second.tick(900_040), "idle")).toEqual(["0-10 a1"]);
  });

  test("what is no snapshot is refused, and the instance is as new", () => {
    const target = host();
    target.sendJson("hits", [hit(1)]);
    const good = target.snapshot();
    expect(target.restore(new Uint8Array([1, 2, 3]))).toBe(1);
    const other = good.slice();
    other[4] = (other[4] ?? 0) ^ 1;
    expect(target.restore(other)).toBe(2);
    expect(target.restore(good.slice(0, good.length - 6))).toBe(3);
    expect(target.finish()).toEqual([]);
  });
});
