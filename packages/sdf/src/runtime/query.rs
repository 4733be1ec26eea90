//! Questions from outside, between two records: SQL over the states that a service reaches, answered as JSON.

use super::cell::Cell;
use super::error::Result;
use super::frame::DataFrame;
use super::json_write;
use super::number;

/// `{"columns":[…],"rows":[[…],…],"count":n}`, or `{"error":"…"}`. `count` is that of all rows, of which the first `rows_max` are written.
pub fn write(out: &mut Vec<u8>, answer: Result<DataFrame>, rows_max: usize) {
    let frame = match &answer {
        Ok(answer) => answer.frame(),
        Err(error) => {
            json_write::raw(out, "{\"error\":");
            json_write::string(out, &error.to_string());
            out.push(b'}');
            return;
        }
    };
    json_write::raw(out, "{\"columns\":");
    list(out, frame.names.len(), |out, column| json_write::string(out, &frame.names[column]));
    json_write::raw(out, ",\"rows\":");
    list(out, frame.count.min(rows_max), |out, row| {
        list(out, frame.names.len(), |out, column| cell(out, frame.cell(row, column)));
    });
    json_write::raw(out, ",\"count\":");
    number::write_u64(out, frame.count as u64);
    out.push(b'}');
}

fn list(out: &mut Vec<u8>, count: usize, each: impl Fn(&mut Vec<u8>, usize)) {
    out.push(b'[');
    for index in 0..count {
        if index > 0 {
            out.push(b',');
        }
        each(out, index);
    }
    out.push(b']');
}

fn cell(out: &mut Vec<u8>, cell: Cell<'_>) {
    match cell {
        Cell::Null => json_write::raw(out, "null"),
        Cell::Bool(value) => json_write::raw(out, if value { "true" } else { "false" }),
        Cell::Int(value) => number::write_i64(out, value),
        Cell::UInt(value) => number::write_u64(out, value),
        Cell::Float(value) if value.is_finite() => json_write::raw(out, &format!("{:?}", value)),
        // JSON has no word for these.
        Cell::Float(_) => json_write::raw(out, "null"),
        Cell::Str(text) => json_write::string(out, text),
    }
}
