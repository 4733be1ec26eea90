//! The order of rows.

use std::cmp::Ordering;

use super::ast::Order;
use crate::rt::cell::{Cell, Scalar};

/// The usual order, by one column of integers or of floats without nulls, as numbers to sort: rank and row.
pub fn ranks(order: &[Order], keys: &[Scalar]) -> Option<Vec<(u64, u32)>> {
    const SIGN: u64 = 1 << 63;
    let flip = match order {
        [one] if one.descending => u64::MAX,
        [_] => 0,
        _ => return None,
    };
    let mut ranks = Vec::with_capacity(keys.len());
    let floats = matches!(keys.first(), Some(Scalar::Float(_)));
    for (index, key) in keys.iter().enumerate() {
        let rank = match key {
            Scalar::Int(value) if !floats => *value as u64 ^ SIGN,
            Scalar::Float(value) if floats && value.is_nan() => u64::MAX,
            // Adding 0 makes one of the two zeros.
            Scalar::Float(value) if floats => match (value + 0.0).to_bits() {
                bits if bits & SIGN == 0 => bits | SIGN,
                bits => !bits,
            },
            _ => return None,
        };
        ranks.push((rank ^ flip, index as u32));
    }
    Some(ranks)
}

/// Nulls last when ascending and first when descending, unless the query says where.
pub fn compare_keys(order: &[Order], a: &[Scalar], b: &[Scalar]) -> Ordering {
    for (order, (a, b)) in order.iter().zip(a.iter().zip(b)) {
        let (a, b) = (a.cell(), b.cell());
        let nulls_first = order.nulls_first.unwrap_or(order.descending);
        let result = match (a, b) {
            (Cell::Null, Cell::Null) => Ordering::Equal,
            (Cell::Null, _) if nulls_first => Ordering::Less,
            (Cell::Null, _) => Ordering::Greater,
            (_, Cell::Null) if nulls_first => Ordering::Greater,
            (_, Cell::Null) => Ordering::Less,
            _ if order.descending => b.order(a),
            _ => a.order(b),
        };
        if result != Ordering::Equal {
            return result;
        }
    }
    Ordering::Equal
}
