//! Aggregates: count, sum, avg, min, max, first, last, median, stddev, variance; nulls are left out.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::relation::encode;
use crate::rt::cell::{Cell, Scalar};
use crate::rt::hash::Seeded;

pub struct Aggregate {
    kind: Kind,
    seen: Option<HashSet<Vec<u8>, Seeded>>,
    count: u64,
    whole: i128,
    float: f64,
    is_float: bool,
    kept: Scalar,
    values: Vec<f64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Count,
    Sum,
    Mean,
    Min,
    Max,
    First,
    Last,
    Median,
    Deviation,
    Variance,
}

impl Aggregate {
    pub fn new(name: &str, distinct: bool) -> Result<Self, String> {
        let kind = match name {
            "count" => Kind::Count,
            "sum" => Kind::Sum,
            "avg" | "mean" => Kind::Mean,
            "min" => Kind::Min,
            "max" => Kind::Max,
            "first" => Kind::First,
            "last" => Kind::Last,
            "median" => Kind::Median,
            "stddev" | "stdev" | "std" | "stddev_samp" => Kind::Deviation,
            "variance" | "var" | "var_samp" => Kind::Variance,
            _ => return Err(format!("the aggregate {} is not supported", name)),
        };
        Ok(Aggregate {
            kind,
            seen: if distinct { Some(HashSet::default()) } else { None },
            count: 0,
            whole: 0,
            float: 0.0,
            is_float: false,
            kept: Scalar::Null,
            values: Vec::new(),
        })
    }

    /// A row of `count(*)`.
    pub fn add_row(&mut self) {
        self.count += 1;
    }

    pub fn add(&mut self, cell: Cell<'_>) -> Result<(), String> {
        if cell == Cell::Null {
            return Ok(());
        }
        if let Some(seen) = &mut self.seen {
            let mut bytes = Vec::new();
            encode(cell, &mut bytes);
            if !seen.insert(bytes) {
                return Ok(());
            }
        }
        self.count += 1;
        match self.kind {
            Kind::Count => {}
            Kind::Min => self.keep(cell, Ordering::Less),
            Kind::Max => self.keep(cell, Ordering::Greater),
            Kind::First if self.count > 1 => {}
            Kind::First | Kind::Last => self.kept = cell.to_scalar(),
            Kind::Sum | Kind::Mean => self.sum(cell)?,
            Kind::Median | Kind::Deviation | Kind::Variance => self.values.push(needed(cell)?),
        }
        Ok(())
    }

    fn keep(&mut self, cell: Cell<'_>, wanted: Ordering) {
        if self.count == 1 || cell.order(self.kept.cell()) == wanted {
            self.kept = cell.to_scalar();
        }
    }

    fn sum(&mut self, cell: Cell<'_>) -> Result<(), String> {
        match cell {
            Cell::Int(v) => self.whole += v as i128,
            Cell::UInt(v) => self.whole += v as i128,
            Cell::Bool(v) => self.whole += v as i128,
            other => {
                self.is_float = true;
                self.float += needed(other)?;
            }
        }
        Ok(())
    }

    pub fn finish(self) -> Scalar {
        let total = self.float + self.whole as f64;
        match self.kind {
            Kind::Count => Scalar::Int(self.count as i64),
            Kind::Sum if self.count == 0 => Scalar::Null,
            Kind::Sum if self.is_float => Scalar::Float(total),
            Kind::Sum => match i64::try_from(self.whole) {
                Ok(whole) => Scalar::Int(whole),
                Err(_) => Scalar::Float(total),
            },
            Kind::Mean if self.count == 0 => Scalar::Null,
            Kind::Mean => Scalar::Float(total / self.count as f64),
            Kind::Min | Kind::Max | Kind::First | Kind::Last => self.kept,
            Kind::Median => median(self.values),
            Kind::Variance => variance(&self.values).map_or(Scalar::Null, Scalar::Float),
            Kind::Deviation => variance(&self.values).map_or(Scalar::Null, |v| Scalar::Float(v.sqrt())),
        }
    }
}

fn needed(cell: Cell<'_>) -> Result<f64, String> {
    cell.number().ok_or_else(|| format!("an aggregate needs a number, not {}", cell.describe()))
}

fn median(mut values: Vec<f64>) -> Scalar {
    if values.is_empty() {
        return Scalar::Null;
    }
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        return Scalar::Float(values[middle]);
    }
    Scalar::Float((values[middle - 1] + values[middle]) / 2.0)
}

/// Of a sample: divided by one less than the count.
fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    Some(values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() - 1) as f64)
}
