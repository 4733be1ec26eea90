//! Counters per operator and service, the log, and the list of rejected records.

use super::abi::{self, current};
use super::error::Error;
use super::global::Global;
use super::json_read::Fail;
use super::json_write;
use super::number;
use super::persist;

/// An operator as the compiler numbered it. `line` is where it stands in dataflow.yaml.
pub struct OperatorInfo {
    pub service: &'static str,
    pub kind: &'static str,
    pub name: &'static str,
    pub line: u32,
}

#[derive(Clone, Copy)]
pub struct OperatorCount {
    pub succeeded: u64,
    pub failed: u64,
    pub filtered: u64,
}

const NOTHING: OperatorCount = OperatorCount { succeeded: 0, failed: 0, filtered: 0 };

#[derive(Clone, Copy, Default)]
pub struct ServiceCount {
    pub late: u64,
    pub flushed: u64,
}

/// What a service says of itself besides its counters.
pub struct ServiceState {
    pub name: &'static str,
    pub open_windows: usize,
    pub watermark: Option<i64>,
    pub rows: usize,
}

const ERROR: u32 = 0;
const WARNING: u32 = 1;
const INFO: u32 = 2;
const NO_RECORD: u32 = u32::MAX;
pub const NO_OPERATOR: u32 = u32::MAX;
/// A host that does not drain the list must not lose memory to it.
const REJECTED_BYTES_MAX: usize = 1 << 20;

static OPERATORS: Global<[OperatorCount; crate::OPERATOR_COUNT]> = Global::new([NOTHING; crate::OPERATOR_COUNT]);
static SERVICES: Global<Vec<ServiceCount>> = Global::new(Vec::new());
static REJECTED: Global<Vec<u8>> = Global::new(Vec::new());

#[inline(always)]
fn count(operator: u32) -> &'static mut OperatorCount {
    &mut OPERATORS.get()[operator as usize]
}

fn service(index: usize) -> &'static mut ServiceCount {
    let counts = SERVICES.get();
    if counts.len() <= index {
        counts.resize(index + 1, ServiceCount::default());
    }
    &mut counts[index]
}

/// An operator starts: a panic from here on is its.
#[inline(always)]
pub fn enter(operator: u32) {
    current().operator = operator;
}

#[inline(always)]
pub fn passed(operator: u32) {
    count(operator).succeeded += 1;
    current().operator = NO_OPERATOR;
}

#[inline(always)]
pub fn filtered(operator: u32) {
    count(operator).filtered += 1;
}

pub fn late(index: usize) {
    service(index).late += 1;
}

pub fn flushed(index: usize) {
    service(index).flushed += 1;
}

pub fn info(text: &str) {
    abi::log(INFO, text);
}

#[cold]
pub fn failed(operator: u32, error: Error) {
    reject(operator, &error.to_string());
}

#[cold]
pub fn decode_failed(operator: u32, fail: Fail) {
    reject(operator, &fail.text());
}

/// The same record failed for another service that reads it; it is logged and rejected once.
#[cold]
pub fn failed_again(operator: u32) {
    count(operator).failed += 1;
}

/// The panic hook has the last word of an operator that will not return.
#[cold]
pub fn panicked(message: &str) {
    let operator = current().operator;
    if operator != NO_OPERATOR {
        count(operator).failed += 1;
    }
    abi::log(ERROR, message);
}

fn reject(operator: u32, reason: &str) {
    count(operator).failed += 1;
    let info = &crate::OPERATORS[operator as usize];
    let at = current();
    at.operator = NO_OPERATOR;
    let what = if at.flushing { "window result dropped" } else { "record dropped" };
    abi::log(WARNING, &format!("dataflow.yaml:{}: {}/{}: {}: {}", info.line, info.service, info.name, what, reason));
    let out = REJECTED.get();
    if out.len() + reason.len() + 16 <= REJECTED_BYTES_MAX {
        persist::u32(out, at.source);
        persist::u32(out, if at.flushing { NO_RECORD } else { at.record });
        persist::u32(out, operator);
        persist::text(out, reason);
    }
}

pub fn rejected() -> &'static mut Vec<u8> {
    REJECTED.get()
}

pub fn reset() {
    *OPERATORS.get() = [NOTHING; crate::OPERATOR_COUNT];
    SERVICES.get().clear();
    REJECTED.get().clear();
}

fn field(out: &mut Vec<u8>, name: &str, value: u64) {
    out.extend_from_slice(format!(",\"{}\":{}", name, value).as_bytes());
}

/// The JSON of ABI.md, section stats.
pub fn write(out: &mut Vec<u8>, services: &[ServiceState], memory_bytes: u64) {
    out.extend_from_slice(b"{\"operators\":[");
    for (id, operator) in crate::OPERATORS.iter().enumerate() {
        out.extend_from_slice(if id == 0 { b"{\"id\":" } else { b",{\"id\":" });
        number::write_u64(out, id as u64);
        for (name, text) in [("service", operator.service), ("kind", operator.kind), ("name", operator.name)] {
            out.extend_from_slice(format!(",\"{}\":", name).as_bytes());
            json_write::string(out, text);
        }
        let counts = *count(id as u32);
        field(out, "succeeded", counts.succeeded);
        field(out, "failed", counts.failed);
        field(out, "filtered", counts.filtered);
        out.push(b'}');
    }
    out.extend_from_slice(b"],\"services\":[");
    for (index, state) in services.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"name\":" } else { b",{\"name\":" });
        json_write::string(out, state.name);
        let counts = *service(index);
        field(out, "late", counts.late);
        field(out, "open_windows", state.open_windows as u64);
        field(out, "flushed", counts.flushed);
        out.extend_from_slice(b",\"watermark\":");
        match state.watermark {
            Some(mark) => number::write_i64(out, mark),
            None => out.extend_from_slice(b"null"),
        }
        field(out, "rows", state.rows as u64);
        out.push(b'}');
    }
    out.extend_from_slice(b"]");
    field(out, "memory_bytes", memory_bytes);
    out.push(b'}');
}
