//! Functions of SQL by name.

use super::eval::compare;
use crate::rt::cell::{Cell, Scalar};
use std::cmp::Ordering;

/// A cell as text, as in a cast or `||`.
pub fn text(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "null".to_string(),
        Cell::Bool(v) => v.to_string(),
        Cell::Int(v) => v.to_string(),
        Cell::UInt(v) => v.to_string(),
        Cell::Float(v) => format!("{:?}", v),
        Cell::Str(v) => v.to_string(),
    }
}

fn one<'a>(name: &str, arguments: &[Cell<'a>]) -> Result<Cell<'a>, String> {
    match arguments {
        [only] => Ok(*only),
        _ => Err(format!("{} takes one argument, not {}", name, arguments.len())),
    }
}

fn number(name: &str, cell: Cell<'_>) -> Result<f64, String> {
    cell.number().ok_or_else(|| format!("{} needs a number, not {}", name, cell.describe()))
}

pub fn call(name: &str, arguments: &[Cell<'_>]) -> Result<Scalar, String> {
    match name {
        "coalesce" => {
            return Ok(arguments.iter().find(|c| **c != Cell::Null).map_or(Scalar::Null, |c| c.to_scalar()));
        }
        "ifnull" => return call("coalesce", arguments),
        "nullif" => {
            return match arguments {
                [a, b] if compare(*a, *b) == Some(Ordering::Equal) => Ok(Scalar::Null),
                [a, _] => Ok(a.to_scalar()),
                _ => Err("nullif takes two arguments".to_string()),
            }
        }
        "concat" => {
            let parts = arguments.iter().filter(|c| **c != Cell::Null).map(|c| text(*c));
            return Ok(Scalar::Str(parts.collect()));
        }
        "greatest" | "least" => return extreme(name, arguments),
        _ => {}
    }
    if arguments.contains(&Cell::Null) {
        return Ok(Scalar::Null);
    }
    match name {
        "abs" | "round" | "floor" | "ceil" | "ceiling" | "sqrt" | "ln" | "exp" | "sign" => math(name, arguments),
        "pow" | "power" => match arguments {
            [a, b] => Ok(Scalar::Float(number(name, *a)?.powf(number(name, *b)?))),
            _ => Err(format!("{} takes two arguments", name)),
        },
        "mod" => match arguments {
            [a, b] => super::eval::arithmetic(super::ast::Binary::Modulo, *a, *b),
            _ => Err("mod takes two arguments".to_string()),
        },
        _ => string(name, arguments),
    }
}

fn math(name: &str, arguments: &[Cell<'_>]) -> Result<Scalar, String> {
    if let ("round", [value, Cell::Int(digits)]) = (name, arguments) {
        let factor = 10f64.powi(*digits as i32);
        return Ok(Scalar::Float(half_to_even(number(name, *value)? * factor) / factor));
    }
    let cell = one(name, arguments)?;
    if let Cell::Int(value) = cell {
        match name {
            "abs" => return Ok(Scalar::Int(value.wrapping_abs())),
            "sign" => return Ok(Scalar::Int(value.signum())),
            "round" | "floor" | "ceil" | "ceiling" => return Ok(Scalar::Int(value)),
            _ => {}
        }
    }
    let value = number(name, cell)?;
    Ok(Scalar::Float(match name {
        "abs" => value.abs(),
        "round" => half_to_even(value),
        "floor" => value.floor(),
        "ceil" | "ceiling" => value.ceil(),
        "sqrt" => value.sqrt(),
        "ln" => value.ln(),
        "exp" => value.exp(),
        _ => value.signum(),
    }))
}

/// To the nearest whole number, and from the middle to the even one.
fn half_to_even(value: f64) -> f64 {
    if (value - value.trunc()).abs() == 0.5 {
        return 2.0 * (value / 2.0).round();
    }
    value.round()
}

fn string(name: &str, arguments: &[Cell<'_>]) -> Result<Scalar, String> {
    let mut texts = Vec::new();
    for argument in arguments {
        if let Cell::Str(text) = argument {
            texts.push(*text);
        }
    }
    Ok(match (name, texts.as_slice(), arguments) {
        ("lower", [t], [_]) => Scalar::Str(t.to_lowercase()),
        ("upper", [t], [_]) => Scalar::Str(t.to_uppercase()),
        ("trim", [t], [_]) => Scalar::Str(t.trim().to_string()),
        ("ltrim", [t], [_]) => Scalar::Str(t.trim_start().to_string()),
        ("rtrim", [t], [_]) => Scalar::Str(t.trim_end().to_string()),
        ("length" | "char_length" | "character_length", [t], [_]) => Scalar::Int(t.chars().count() as i64),
        ("octet_length", [t], [_]) => Scalar::Int(t.len() as i64),
        ("reverse", [t], [_]) => Scalar::Str(t.chars().rev().collect()),
        ("starts_with", [t, p], [_, _]) => Scalar::Bool(t.starts_with(p)),
        ("ends_with", [t, p], [_, _]) => Scalar::Bool(t.ends_with(p)),
        ("replace", [t, from, to], [_, _, _]) => Scalar::Str(t.replace(from, to)),
        ("strpos", [t, p], [_, _]) => Scalar::Int(t.find(p).map_or(0, |at| t[..at].chars().count() as i64 + 1)),
        ("left", [t], [_, Cell::Int(n)]) => Scalar::Str(t.chars().take((*n).max(0) as usize).collect()),
        ("right", [t], [_, Cell::Int(n)]) => {
            let skip = t.chars().count().saturating_sub((*n).max(0) as usize);
            Scalar::Str(t.chars().skip(skip).collect())
        }
        ("substr" | "substring", [t], [_, Cell::Int(from)]) => {
            Scalar::Str(t.chars().skip((*from - 1).max(0) as usize).collect())
        }
        ("substr" | "substring", [t], [_, Cell::Int(from), Cell::Int(n)]) => {
            Scalar::Str(t.chars().skip((*from - 1).max(0) as usize).take((*n).max(0) as usize).collect())
        }
        _ => return Err(format!("the function {} is not supported for these {} arguments", name, arguments.len())),
    })
}

fn extreme(name: &str, arguments: &[Cell<'_>]) -> Result<Scalar, String> {
    let wanted = if name == "greatest" { Ordering::Greater } else { Ordering::Less };
    let mut best = Cell::Null;
    for cell in arguments.iter().copied().filter(|c| *c != Cell::Null) {
        if best == Cell::Null || compare(cell, best) == Some(wanted) {
            best = cell;
        }
    }
    Ok(best.to_scalar())
}

/// `%` stands for any text, `_` for one character.
pub fn like(text: &str, pattern: &str, any_case: bool) -> bool {
    let fold = |s: &str| -> Vec<char> { if any_case { s.to_lowercase().chars().collect() } else { s.chars().collect() } };
    let (text, pattern) = (fold(text), fold(pattern));
    let (mut t, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '%' {
            back = Some((p + 1, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '_' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((after, from)) = back {
            back = Some((after, from + 1));
            p = after;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '%')
}
