//! The exports of the module, as ABI.md has them. What a dataflow does with a record is `crate::flow`, which the compiler makes.

use super::env;
use super::global::Global;
use super::hash;
use super::persist::{self, Input};
use super::query;
use super::report;

const ABI_VERSION: u32 = 1;
/// Zero bytes after the records: the JSON reader looks ahead by words.
const PADDING: usize = 64;
const HEADER: usize = 24;
const NO_KEY: u32 = u32::MAX;
const SNAPSHOT_MAGIC: u32 = 0x3146_4453;

/// Where the module is, for logs and for the host after a trap.
pub struct Current {
    pub source: u32,
    pub record: u32,
    pub operator: u32,
    pub flushing: bool,
    now_ms: f64,
    /// Calls of the host so far: nothing of an operator outlives one.
    turn: u32,
    started: bool,
    /// The byte that the reader's sentinel replaced; a trap leaves it to the next call of `process` to put it back.
    covered: Option<(usize, u8)>,
}

static CURRENT: Global<Current> = Global::new(Current {
    source: 0,
    record: 0,
    operator: report::NO_OPERATOR,
    flushing: false,
    now_ms: 0.0,
    turn: 0,
    started: false,
    covered: None,
});
static INPUT: Global<Vec<u8>> = Global::new(Vec::new());
static OUTPUT: Global<Vec<u8>> = Global::new(Vec::new());
static ANSWER: Global<Vec<u8>> = Global::new(Vec::new());

#[inline(always)]
pub fn current() -> &'static mut Current {
    CURRENT.get()
}

#[inline(always)]
pub fn now_ms() -> f64 {
    current().now_ms
}

#[inline(always)]
pub fn turn() -> u32 {
    current().turn
}

/// An input record, as the flow passes it on. The bytes live in the input buffer.
#[derive(Clone, Copy)]
pub struct Record {
    pub key: Option<&'static [u8]>,
    pub value: &'static [u8],
    pub time_ms: f64,
    pub partition: u32,
}

/// Writes an output record: its header, `key`, and what `value` writes.
pub fn emit(sink: u32, time_ms: f64, key: Option<&[u8]>, value: impl FnOnce(&mut Vec<u8>)) {
    let out = OUTPUT.get();
    let header = out.len();
    persist::u32(out, key.map_or(NO_KEY, |key| key.len() as u32));
    persist::u32(out, 0);
    persist::f64(out, time_ms);
    persist::u32(out, 0);
    persist::u32(out, sink);
    out.extend_from_slice(key.unwrap_or(&[]));
    let from = out.len();
    value(out);
    let length = (out.len() - from) as u32;
    out[header + 4..header + 8].copy_from_slice(&length.to_le_bytes());
}

#[cfg(target_arch = "wasm32")]
mod host {
    #[link(wasm_import_module = "env")]
    extern "C" {
        pub fn log(level: u32, text: *const u8, length: usize);
        pub fn panic(text: *const u8, length: usize);
    }
}

#[cfg(target_arch = "wasm32")]
pub fn log(level: u32, text: &str) {
    unsafe { host::log(level, text.as_ptr(), text.len()) }
}

#[cfg(not(target_arch = "wasm32"))]
pub fn log(_level: u32, text: &str) {
    std::eprintln!("{}", text);
}

fn start() {
    current().turn = current().turn.wrapping_add(1);
    if current().started {
        return;
    }
    current().started = true;
    std::panic::set_hook(Box::new(|info| {
        let message = match (info.payload().downcast_ref::<&str>(), info.payload().downcast_ref::<String>()) {
            (Some(text), _) => text.to_string(),
            (_, Some(text)) => text.clone(),
            _ => "panic".to_string(),
        };
        // An operator's file is ops/<n>/dataflow.yaml; rustc needs the names to differ, the reader does not.
        fn file(path: &str) -> &str {
            if path.ends_with("/dataflow.yaml") { "dataflow.yaml" } else { path }
        }
        let place = info.location().map_or(String::new(), |at| format!("{}:{}:{}: ", file(at.file()), at.line(), at.column()));
        let text = format!("{}{}", place, message);
        report::panicked(&text);
        #[cfg(target_arch = "wasm32")]
        unsafe {
            host::panic(text.as_ptr(), text.len())
        }
    }));
}

/// A secret of the host for the hashes of this instance; only before the first record or snapshot.
#[no_mangle]
pub extern "C" fn seed(low: u32, high: u32) {
    hash::seed((high as u64) << 32 | low as u64);
}

/// The environment of operators: `NAME=value` texts in the input buffer, each with a 0 byte after it.
#[no_mangle]
pub extern "C" fn environment(length: usize) {
    start();
    env::set(&INPUT.get()[..length]);
}

#[no_mangle]
pub extern "C" fn abi_version() -> u32 {
    ABI_VERSION
}

#[no_mangle]
pub extern "C" fn input(length: usize) -> *mut u8 {
    start();
    current().covered = None;
    let buffer = INPUT.get();
    buffer.resize((length + PADDING).max(buffer.len()), 0);
    buffer[length..length + PADDING].fill(0);
    buffer.as_mut_ptr()
}

struct Header {
    key: usize,
    value: usize,
    end: usize,
}

/// A header lies within the table or its padding: the bounds have been checked.
#[inline(always)]
fn word(table: &[u8], at: usize) -> u32 {
    debug_assert!(at + 4 <= table.len());
    u32::from_le(unsafe { std::ptr::read_unaligned(table.as_ptr().add(at) as *const u32) })
}

/// Where the parts of the record at `at` lie; panics on a table that is cut short, which is the host's mistake.
#[inline(always)]
fn header(table: &[u8], at: usize, length: usize) -> Header {
    // `at` is below `length`, and the padding is longer than a header.
    let key_length = word(table, at);
    let key = at + HEADER;
    let key_bytes = if key_length == NO_KEY { 0 } else { key_length as usize };
    let value_bytes = word(table, at + 4) as usize;
    assert!(
        key <= length && key_bytes <= length - key && value_bytes <= length - key - key_bytes,
        "the record table is cut short"
    );
    Header { key, value: key + key_bytes, end: key + key_bytes + value_bytes }
}

#[no_mangle]
pub extern "C" fn process(source: u32, length: usize, first: u32, now_ms: f64) -> u32 {
    start();
    hash::seed(now_ms.to_bits());
    let at = current();
    at.now_ms = now_ms;
    at.source = source;
    at.flushing = false;
    // The buffer is not moved while a table is processed; `input` is the only one that grows it.
    let table: &'static mut [u8] = unsafe { std::slice::from_raw_parts_mut(INPUT.get().as_mut_ptr(), length + PADDING) };
    if let Some((position, byte)) = at.covered.take() {
        table[position] = byte;
    }
    let (mut position, mut index, mut done) = (0, 0u32, 0u32);
    while position < length {
        let Header { key, value, end } = header(table, position, length);
        if index >= first {
            at.record = index;
            at.operator = report::NO_OPERATOR;
            at.flushing = false;
            let record = Record {
                key: if word(table, position) == NO_KEY { None } else { Some(bytes(table, key, value)) },
                value: bytes(table, value, end),
                time_ms: f64::from_bits(word(table, position + 8) as u64 | (word(table, position + 12) as u64) << 32),
                partition: word(table, position + 16),
            };
            at.covered = Some((end, std::mem::replace(&mut table[end], 0)));
            crate::flow::record(source, &record);
            if let Some((position, byte)) = at.covered.take() {
                table[position] = byte;
            }
            at.flushing = true;
            crate::flow::advance_seen(now_ms);
            at.flushing = false;
            done += 1;
        }
        position = end;
        index += 1;
    }
    crate::flow::expire(now_ms);
    done
}

fn bytes(table: &[u8], from: usize, to: usize) -> &'static [u8] {
    unsafe { std::slice::from_raw_parts(table.as_ptr().add(from), to - from) }
}

#[no_mangle]
pub extern "C" fn current_record() -> u32 {
    current().record
}

#[no_mangle]
pub extern "C" fn current_operator() -> u32 {
    current().operator
}

#[no_mangle]
pub extern "C" fn trap_in_flush() -> u32 {
    current().flushing as u32
}

#[no_mangle]
pub extern "C" fn partition(source: u32, number: u32, now_ms: f64) {
    start();
    current().now_ms = now_ms;
    crate::flow::partition(source, number, now_ms);
}

#[no_mangle]
pub extern "C" fn tick(now_ms: f64) {
    start();
    current().now_ms = now_ms;
    current().flushing = true;
    crate::flow::advance(now_ms);
    crate::flow::expire(now_ms);
    current().flushing = false;
}

#[no_mangle]
pub extern "C" fn finish() {
    start();
    current().flushing = true;
    crate::flow::finish();
    current().flushing = false;
}

#[no_mangle]
pub extern "C" fn output_ptr() -> *const u8 {
    OUTPUT.get().as_ptr()
}

#[no_mangle]
pub extern "C" fn output_len() -> usize {
    OUTPUT.get().len()
}

#[no_mangle]
pub extern "C" fn output_clear() {
    OUTPUT.get().clear();
}

#[no_mangle]
pub extern "C" fn rejected_ptr() -> *const u8 {
    report::rejected().as_ptr()
}

#[no_mangle]
pub extern "C" fn rejected_len() -> usize {
    report::rejected().len()
}

#[no_mangle]
pub extern "C" fn rejected_clear() {
    report::rejected().clear();
}

#[no_mangle]
pub extern "C" fn snapshot() -> usize {
    let out = ANSWER.get();
    out.clear();
    persist::u32(out, SNAPSHOT_MAGIC);
    persist::u64(out, crate::SHAPE);
    crate::flow::save(out, now_ms());
    persist::u32(out, SNAPSHOT_MAGIC);
    out.len()
}

#[no_mangle]
pub extern "C" fn snapshot_ptr() -> *const u8 {
    ANSWER.get().as_ptr()
}

#[no_mangle]
pub extern "C" fn restore(length: usize) -> u32 {
    start();
    hash::seed(hash::bytes(&INPUT.get()[..length]));
    crate::flow::reset();
    report::reset();
    OUTPUT.get().clear();
    let mut data = Input::new(&INPUT.get()[..length]);
    let code = match (data.u32(), data.u64()) {
        (Some(SNAPSHOT_MAGIC), Some(crate::SHAPE)) => match crate::flow::load(&mut data) {
            Some(()) if data.u32() == Some(SNAPSHOT_MAGIC) && data.is_empty() => 0,
            _ => 3,
        },
        (Some(SNAPSHOT_MAGIC), Some(_)) => 2,
        _ => 1,
    };
    if code != 0 {
        crate::flow::reset();
    }
    code
}

/// Runs the SQL text in the input buffer over the states of a service.
#[no_mangle]
pub extern "C" fn query(service: u32, length: usize, rows_max: usize) -> usize {
    start();
    let out = ANSWER.get();
    out.clear();
    let text = String::from_utf8_lossy(&INPUT.get()[..length]);
    query::write(out, crate::flow::query(service, &text), rows_max);
    out.len()
}

#[no_mangle]
pub extern "C" fn query_ptr() -> *const u8 {
    ANSWER.get().as_ptr()
}

#[no_mangle]
pub extern "C" fn stats() -> usize {
    let out = ANSWER.get();
    out.clear();
    #[cfg(target_arch = "wasm32")]
    let memory_bytes = core::arch::wasm32::memory_size(0) as u64 * 65536;
    #[cfg(not(target_arch = "wasm32"))]
    let memory_bytes = 0;
    report::write(out, &crate::flow::services(), memory_bytes);
    out.len()
}

#[no_mangle]
pub extern "C" fn stats_ptr() -> *const u8 {
    ANSWER.get().as_ptr()
}
