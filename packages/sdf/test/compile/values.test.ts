/** Decoding, encoding, transforms, keys and errors of compiled dataflows. */
import { beforeAll, describe, expect, test } from "vitest";
import { buildModule, TestHost, type Output } from "./test-host.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const YAML = `
apiVersion: 0.5.0
meta: { name: values, version: 0.1.0, namespace: test }
config: { converter: json }
types:
  everything:
    type: object
    properties:
      image-url: { type: string }
      match: { type: u8 }
      big: { type: i64 }
      huge: { type: u64 }
      ratio: { type: f64 }
      on: { type: bool }
      maybe: { type: i32, optional: true }
      camel: { type: string, deserialize: { rename: camelIn }, serialize: { rename: camelOut } }
      shape: { type: shape }
      tags: { type: list, type-name: tags, items: { type: string } }
      inner: { type: object, type-name: inner-part, properties: { x: { type: f32 }, items: { type: points } } }
  points: { type: list, items: { type: object, type-name: point, properties: { y: { type: i16 } } } }
  shape:
    type: enum
    oneOf:
      empty-one: { type: null }
      circle: { type: f64 }
      named: { type: null, serialize: { rename: called }, deserialize: { rename: called } }
      box: { type: inner-part }
  word: { type: string }
  words: { type: list, items: { type: word } }
  used: { type: object, properties: { part: { type: f64, optional: true }, id: { type: string }, skipped: { type: words }, also: { type: u8 } } }
topics:
  in: { schema: { value: { type: everything } } }
  out: { schema: { value: { type: everything } } }
  sentences: { name: real-sentences, schema: { value: { type: string, converter: raw } } }
  words: { schema: { key: { type: string }, value: { type: word, converter: raw } } }
  shouted: { schema: { value: { type: string } } }
  numbers: { schema: { value: { type: u32, converter: raw } } }
  doubled: { schema: { value: { type: u32, converter: raw } } }
  keyed: { schema: { key: { type: string }, value: { type: word } } }
  rekeyed: { schema: { key: { type: u16 }, value: { type: word } } }
  partly: { schema: { value: { type: used } } }
  ids: { schema: { value: { type: string } } }
services:
  copy:
    sources: [{ type: topic, id: in }]
    sinks: [{ type: topic, id: out }]
  split:
    sources: [{ type: topic, id: sentences }]
    transforms:
      - operator: filter
        run: |
          fn not_empty(text: String) -> Result<bool> { Ok(!text.is_empty()) }
      - operator: flat-map
        run: |
          use std::collections::BTreeSet;
          const MAX: usize = 9;
          fn words(text: String) -> Result<Words> {
            let set: BTreeSet<&str> = text.split(' ').collect();
            Ok(set.into_iter().take(MAX).map(helper).collect())
          }
          fn helper(word: &str) -> String { word.to_string() }
    sinks:
      - type: topic
        id: words
        transforms:
          - operator: map
            run: |
              fn keyed(word: Word) -> Result<(Option<String>, Word)> {
                Ok((Some(word[..1].to_string()), word))
              }
      - type: topic
        id: shouted
        transforms:
          - operator: filter-map
            run: |
              fn shout(word: String) -> Result<Option<String>> {
                if word == "panic" { panic!("no {} here", word.len()); }
                if word == "error" { return Err(sdfg::anyhow::anyhow!("word {} is bad", word)) }
                Ok(if word.len() > 1 { Some(word.to_uppercase()) } else { None })
              }
  double:
    sources: [{ type: topic, id: numbers }]
    transforms:
      - operator: map
        run: |
          fn double(n: u32) -> Result<u32> { n.checked_mul(2).context("too big") }
    sinks: [{ type: topic, id: doubled }]
  rekey:
    sources: [{ type: topic, id: keyed }]
    transforms:
      - operator: map
        run: |
          fn rekey(key: Option<String>, word: Word) -> Result<(Option<u16>, Word)> {
            Ok((key.as_ref().map(|key| key.len() as u16), format!("{word}/{key:?}")))
          }
      - operator: map
        run: |
          fn see(key: Option<u16>, word: Word) -> Result<Word> { Ok(format!("{word}/{key:?}")) }
    sinks: [{ type: topic, id: rekeyed }]
  pick:
    sources: [{ type: topic, id: partly }]
    transforms:
      - operator: map
        run: |
          fn id_of(value: Used) -> Result<String> {
            // Not value.skipped
            println!("seen {}", value.id);
            Ok(value.id)
          }
    sinks: [{ type: topic, id: ids }]
`;

const EVERYTHING = {
  image_url: 'a"b\\c\n\u0001é😀',
  match: 255,
  big: -5,
  huge: 7,
  ratio: 0.5,
  on: true,
  maybe: 3,
  camelIn: "c",
  shape: "EmptyOne",
  tags: ["x", "y"],
  inner: { x: 1.5, items: [{ y: -3 }] },
};

describe.skipIf(!haveRustc)("values (needs rustc with the Wasm target)", () => {
  let module: WebAssembly.Module;
  const send = (
    topic: string,
    value: string | Uint8Array,
    key?: string,
  ): { outputs: Output[]; host: TestHost } => {
    const host = new TestHost(module);
    return {
      outputs: host.send(topic, [
        key === undefined ? { value, time: 42 } : { value, key, time: 42 },
      ]),
      host,
    };
  };
  const copied = (change: object): unknown =>
    send("in", JSON.stringify({ ...EVERYTHING, ...change })).outputs[0]?.value;
  const reason = (text: string): string | undefined => send("in", text).host.rejected()[0]?.reason;
  const reasonFor = (change: object): string | undefined =>
    reason(JSON.stringify({ ...EVERYTHING, ...change }));

  beforeAll(async () => {
    module = await buildModule(YAML);
  }, BUILD_TIMEOUT_MS);

  test("every type goes through JSON and keeps its value", () => {
    const { camelIn, ...same } = EVERYTHING;
    expect(copied({})).toEqual({ ...same, camelOut: camelIn });
    expect(copied({ maybe: null })).toMatchObject({ maybe: null });
    expect(copied({ maybe: undefined })).toMatchObject({ maybe: null });
    expect(copied({ shape: { Circle: 2 } })).toMatchObject({ shape: { Circle: 2 } });
    expect(copied({ shape: "called" })).toMatchObject({ shape: "called" });
    expect(copied({ shape: { Box: EVERYTHING.inner } })).toMatchObject({
      shape: { Box: EVERYTHING.inner },
    });
    expect(copied({ ratio: 1e300 })).toMatchObject({ ratio: 1e300 });
    expect(copied({ ratio: 0.1 + 0.2 })).toMatchObject({ ratio: 0.1 + 0.2 });
    expect(copied({ ratio: 65 })).toMatchObject({ ratio: 65 });
  });

  test("integers are exact to 64 bits", () => {
    const text = JSON.stringify(EVERYTHING)
      .replace('"big":-5', '"big":-9223372036854775808')
      .replace('"huge":7', '"huge":18446744073709551615');
    const host = new TestHost(module);
    const [output] = host.send("in", [{ value: text }]);
    expect(JSON.stringify(output?.value)).toContain("-9223372036854776000");
    expect(reason(text.replace("-9223372036854775808", "-9223372036854775809"))).toContain(
      "out of range for i64",
    );
    expect(reason(text.replace("18446744073709551615", "18446744073709551616"))).toContain(
      "out of range for u64",
    );
  });

  test("escapes are read, unknown fields of any shape are skipped, order does not matter", () => {
    const { image_url: _url, ...rest } = EVERYTHING;
    const entries = Object.entries(rest).toReversed();
    const text = JSON.stringify({
      unknown: { a: [1, -2.5e-3, '\\"', null, true, {}] },
      ...Object.fromEntries(entries),
    });
    const [output] = send(
      "in",
      text.replace("{", String.raw`{ "image\u005furl" : "\u00e9\ud83d\ude00\/\t" , `),
    ).outputs;
    expect(output?.value).toMatchObject({ image_url: "é😀/\t", tags: ["x", "y"] });
  });

  test.each([
    [{ match: 256 }, 'number out of range for u8 at field "match"'],
    [{ match: -1 }, 'number out of range for u8 at field "match"'],
    [{ match: 1.5 }, "expected u8, found a number with a fraction or exponent"],
    [{ match: "1" }, 'expected u8, found a string at field "match"'],
    [{ on: 1 }, 'expected bool, found a number at field "on"'],
    [{ big: null }, 'expected i64, found null at field "big"'],
    [{ tags: ["x", 5] }, 'expected string, found a number at field "tags.1"'],
    [
      { inner: { x: 1, items: [{ y: 40_000 }] } },
      'out of range for i16 at field "inner.items.0.y"',
    ],
    [
      { shape: "Square" },
      'unknown or empty variant, expected EmptyOne, Circle, called, Box at field "shape"',
    ],
    [{ camelIn: undefined }, 'missing field at field "camelIn"'],
  ])("a wrong value names its field: %j", (change, message) => {
    expect(reasonFor(change)).toContain(message);
  });

  test.each([
    ["", "end of the record"],
    ["{", "end of the record"],
    ["[1]", "expected object everything, found a list"],
    ['{"big":01}', "leading zero"],
    ['{"big":1,}', "expected a field name"],
    ['{"big":1,"big":2}', "duplicate field"],
    ['{"x":"\u0001"}', "control character"],
    ['{"x":"a', "unfinished string"],
    ['{"x":"\\ud800"}', "lone surrogate"],
    ['{"x":tru}', "invalid"],
    [`{"x":${"[".repeat(200)}`, "nested too deep"],
    [`${JSON.stringify(EVERYTHING)} 1`, "trailing characters"],
  ])("invalid JSON is refused: %s", (text, message) => {
    expect(reason(text)).toContain(message);
  });

  test("bytes that are no UTF-8 are refused in JSON and in raw text", () => {
    const json = Buffer.from(JSON.stringify(EVERYTHING).replace('"x"', '"?"'));
    json[json.indexOf("?")] = 0xff;
    expect(send("in", json).host.rejected()[0]?.reason).toContain("UTF-8");
    expect(
      send("real-sentences", new Uint8Array([0xc3, 0x28])).host.rejected()[0]?.reason,
    ).toContain("UTF-8");
  });

  test("transforms chain, sinks split, keys are set", () => {
    const { outputs } = send("real-sentences", "a bb cc", "k");
    expect(outputs).toEqual([
      { topic: "words", time: 42, key: "a", value: "a" },
      { topic: "words", time: 42, key: "b", value: "bb" },
      { topic: "shouted", time: 42, key: "k", value: "BB" },
      { topic: "words", time: 42, key: "c", value: "cc" },
      { topic: "shouted", time: 42, key: "k", value: "CC" },
    ]);
    expect(send("real-sentences", "").outputs).toEqual([]);
  });

  test("raw numbers are big-endian", () => {
    const number = (n: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(n);
      return bytes;
    };
    expect(send("numbers", number(0x21)).outputs[0]?.value).toBe("\0\0\0\x42");
    expect(send("numbers", number(0xffffffff)).host.rejected()[0]?.reason).toBe("too big");
    expect(send("numbers", new Uint8Array(3)).host.rejected()[0]?.reason).toContain(
      "expected 4 bytes",
    );
  });

  test("a new key is seen by the operators after it and goes into the record", () => {
    expect(send("keyed", '"w"', "abc").outputs).toMatchObject([
      { key: "\0\u0003", value: 'w/Some("abc")/Some(3)' },
    ]);
    expect(send("keyed", '"w"').outputs).toMatchObject([{ key: null, value: "w/None/None" }]);
  });

  test("fields that no operator uses are still checked", () => {
    const record = { id: "i", skipped: ["a"], also: 1 };
    expect(send("partly", JSON.stringify(record)).outputs[0]?.value).toBe("i");
    expect(send("partly", JSON.stringify({ part: 1.5, ...record })).outputs[0]?.value).toBe("i");
    const why = (text: string): string => send("partly", text).host.rejected()[0]?.reason ?? "";
    expect(why(`{"skipped":["a",1],"id":"i"}`)).toContain('at field "skipped.1"');
    expect(why(`{"id":"i","skipped":[],"skipped":[]`)).toContain('duplicate field at field "skip');
    expect(why(`{"part":1,"id":"i","skipped":[]}`)).toContain('missing field at field "also"');
  });

  test.each(["0", "-0.0", "12.5", "1e300", "-1E-7", "123456789012345678901234567890.5"])(
    "a number that no operator uses is checked, and may be %s",
    (part) => {
      const text = `{"id":"i","skipped":[],"also":1,"part":${part}}`;
      expect(send("partly", text).outputs[0]?.value).toBe("i");
    },
  );

  test.each(["01", "-", "1.", ".5", "1e", "1e999", "+1", '"1"', "1.5.5", "00.1"])(
    "a number that no operator uses is checked, and may not be %s",
    (part) => {
      const { outputs, host } = send("partly", `{"id":"i","skipped":[],"also":1,"part":${part}}`);
      expect(outputs).toEqual([]);
      expect(host.rejected()).toHaveLength(1);
    },
  );

  test("numbers of any length are read as JavaScript reads them", () => {
    const digits = "98765432109876543210987";
    const texts = Array.from({ length: digits.length }, (_, n) => digits.slice(0, n + 1)).flatMap(
      (whole) => [`${whole}.0`, `0.${whole}`, `-${whole}.25`, `${whole}e-3`, `1${whole}`],
    );
    for (const text of texts) {
      const record = JSON.stringify(EVERYTHING).replace('"ratio":0.5', `"ratio":${text}`);
      expect(send("in", record).outputs[0]?.value, text).toMatchObject({ ratio: Number(text) });
    }
    for (const whole of texts.filter((text) => /^\d{1,15}$/.test(text)))
      expect(copied({ huge: Number(whole), big: -Number(whole) })).toMatchObject({
        huge: Number(whole),
        big: -Number(whole),
      });
  });

  test("fields are found in any order, with gaps, others between them and space around", () => {
    const entries = Object.entries(EVERYTHING);
    const { camelIn, ...same } = EVERYTHING;
    const text = (list: readonly (readonly [string, unknown])[]): string =>
      `{${list.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
    for (let at = 0; at <= entries.length; at++) {
      const [head, tail] = [entries.slice(0, at), entries.slice(at)];
      const other = [["other", at]] as const;
      const texts = [
        text([...tail, ...head]),
        text([...head, ...other, ...tail]),
        text([...other, ...head, ...tail, ...other]),
        text(entries).replaceAll(/([{}:,])"/g, '$1 "'),
        JSON.stringify(EVERYTHING, undefined, 1),
      ];
      for (const variant of texts)
        expect(send("in", variant).outputs[0]?.value).toEqual({ ...same, camelOut: camelIn });
    }
    const again = text([...entries, ...entries.slice(0, 1)]);
    expect(reason(again)).toContain('duplicate field at field "image_url"');
    expect(reason(`${text(entries).slice(0, -1)},}`)).toContain("expected a field name");
    expect(reason(`{,${text(entries).slice(1)}`)).toContain("expected a field name");
  });

  test("a text may have any length, and escapes anywhere", () => {
    for (let length = 0; length < 40; length++) {
      for (const end of ["", "\n", "é", '"', "\\"]) {
        const url = "x".repeat(length) + end;
        expect(copied({ image_url: url, camelIn: end + url })).toMatchObject({
          image_url: url,
          camelOut: end + url,
        });
        const used = { id: url, skipped: [url, end], also: 1 };
        expect(send("partly", JSON.stringify(used)).outputs[0]?.value).toBe(url);
      }
    }
  });

  test("an error costs its record at that operator, and is counted and logged with its line", () => {
    const host = new TestHost(module);
    const outputs = host.send("real-sentences", [{ value: "error ok" }, { value: "fine" }]);
    expect(outputs.map((o) => o.value)).toEqual(["error", "ok", "OK", "fine", "FINE"]);
    expect(host.rejected()).toMatchObject([{ record: 0, reason: "word error is bad" }]);
    const line = YAML.split("\n").findIndex((text) => text.includes("operator: filter-map")) + 1;
    expect(host.logs[0]).toBe(
      `dataflow.yaml:${line}: split/shout: record dropped: word error is bad`,
    );
    expect(host.stats().operators.find((o) => o.name === "shout")).toMatchObject({
      succeeded: 2,
      failed: 1,
    });
  });

  test("a panic says line and column of dataflow.yaml, costs one record, and the rest goes on", () => {
    const host = new TestHost(module);
    const records = Array.from({ length: 50 }, (_, i) => ({
      value: i % 2 === 0 ? "panic" : `w${i}`,
    }));
    const outputs = host.send("real-sentences", records);
    expect(outputs.filter((o) => o.topic === "shouted")).toHaveLength(25);
    const line = YAML.split("\n").findIndex((text) => text.includes("panic!")) + 1;
    const column = (YAML.split("\n")[line - 1] ?? "").indexOf("panic!") + 1;
    expect(host.panics[0]).toBe(`dataflow.yaml:${line}:${column}: no 5 here`);
    expect(host.panics).toHaveLength(25);
    expect(host.stats().operators.find((o) => o.name === "shout")).toMatchObject({
      succeeded: 25,
      failed: 25,
    });
  });

  test("println! goes to the log", () => {
    const { host } = send("partly", '{"id":"i","skipped":[],"also":1}');
    expect(host.logs).toEqual(["seen i"]);
  });
});
