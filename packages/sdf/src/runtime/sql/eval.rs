//! Values of expressions, with SQL's three-valued logic: null makes null, but `false and null` is false.

use std::cmp::Ordering;

use super::ast::{Binary, CastTo, Expr};
use super::functions;
use super::relation::Relation;
use crate::rt::cell::{Cell, Scalar};

/// What an expression is evaluated on.
pub struct Row<'a> {
    pub relation: &'a Relation,
    pub tuple: &'a [u32],
    /// Of the aggregates, after grouping.
    pub results: &'a [Scalar],
}

/// Borrowed from a table where possible: text is not copied to be compared.
pub enum Value<'a> {
    Borrowed(Cell<'a>),
    Owned(Scalar),
}

impl<'a> Value<'a> {
    #[inline]
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Value::Borrowed(cell) => *cell,
            Value::Owned(scalar) => scalar.cell(),
        }
    }

    pub fn scalar(self) -> Scalar {
        match self {
            Value::Borrowed(cell) => cell.to_scalar(),
            Value::Owned(scalar) => scalar,
        }
    }
}

pub fn value<'a>(expr: &'a Expr, row: &Row<'a>) -> Result<Value<'a>, String> {
    Ok(match expr {
        Expr::Slot { table, column } => Value::Borrowed(row.relation.cell(row.tuple, *table, *column)),
        Expr::Literal(scalar) => Value::Borrowed(scalar.cell()),
        Expr::Result(index) => Value::Borrowed(row.results[*index].cell()),
        Expr::Binary(op, left, right) => Value::Owned(binary(*op, left, right, row)?),
        other => Value::Owned(computed(other, row)?),
    })
}

fn computed<'a>(expr: &'a Expr, row: &Row<'a>) -> Result<Scalar, String> {
    Ok(match expr {
        Expr::Not(inner) => match truth(value(inner, row)?.cell())? {
            Some(v) => Scalar::Bool(!v),
            None => Scalar::Null,
        },
        Expr::Negate(inner) => match value(inner, row)?.cell() {
            Cell::Null => Scalar::Null,
            Cell::Int(v) => Scalar::Int(v.wrapping_neg()),
            Cell::Float(v) => Scalar::Float(-v),
            other => return Err(format!("cannot negate {}", other.describe())),
        },
        Expr::IsNull { value: inner, negated } => Scalar::Bool((value(inner, row)?.cell() == Cell::Null) != *negated),
        Expr::Case { operand, branches, otherwise } => case(operand.as_deref(), branches, otherwise.as_deref(), row)?,
        Expr::Cast { value: inner, to } => cast(value(inner, row)?.cell(), *to)?,
        Expr::In { value: inner, list, negated } => {
            let left = value(inner, row)?;
            let mut found = Some(false);
            for item in list {
                match compare(left.cell(), value(item, row)?.cell()) {
                    Some(Ordering::Equal) => {
                        found = Some(true);
                        break;
                    }
                    None => found = None,
                    _ => {}
                }
            }
            found.map_or(Scalar::Null, |found| Scalar::Bool(found != *negated))
        }
        Expr::Between { value: inner, low, high, negated } => {
            let middle = value(inner, row)?;
            let above = compare(middle.cell(), value(low, row)?.cell()).map(|o| o != Ordering::Less);
            let below = compare(middle.cell(), value(high, row)?.cell()).map(|o| o != Ordering::Greater);
            match (above, below) {
                (Some(a), Some(b)) => Scalar::Bool((a && b) != *negated),
                (Some(false), _) | (_, Some(false)) => Scalar::Bool(*negated),
                _ => Scalar::Null,
            }
        }
        Expr::Like { value: inner, pattern, negated, any_case } => {
            let (left, right) = (value(inner, row)?, value(pattern, row)?);
            match (left.cell(), right.cell()) {
                (Cell::Null, _) | (_, Cell::Null) => Scalar::Null,
                (Cell::Str(text), Cell::Str(pattern)) => {
                    Scalar::Bool(functions::like(text, pattern, *any_case) != *negated)
                }
                _ => return Err("like needs text on both sides".to_string()),
            }
        }
        Expr::Call { name, arguments } => {
            let values = arguments.iter().map(|a| value(a, row)).collect::<Result<Vec<_>, _>>()?;
            let cells: Vec<Cell<'_>> = values.iter().map(|v| v.cell()).collect();
            functions::call(name, &cells)?
        }
        Expr::Aggregate { name, .. } => return Err(format!("{} is not allowed here", name)),
        Expr::Name { column, .. } => return Err(format!("the column \"{}\" is not known here", column)),
        Expr::Slot { .. } | Expr::Literal(_) | Expr::Result(_) | Expr::Binary(..) => value(expr, row)?.scalar(),
    })
}

fn case<'a>(
    operand: Option<&'a Expr>,
    branches: &'a [(Expr, Expr)],
    otherwise: Option<&'a Expr>,
    row: &Row<'a>,
) -> Result<Scalar, String> {
    for (when, then) in branches {
        let taken = match operand {
            Some(operand) => {
                compare(value(operand, row)?.cell(), value(when, row)?.cell()) == Some(Ordering::Equal)
            }
            None => truth(value(when, row)?.cell())? == Some(true),
        };
        if taken {
            return Ok(value(then, row)?.scalar());
        }
    }
    otherwise.map_or(Ok(Scalar::Null), |otherwise| Ok(value(otherwise, row)?.scalar()))
}

pub fn truth(cell: Cell<'_>) -> Result<Option<bool>, String> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Bool(v) => Ok(Some(v)),
        other => Err(format!("expected a condition, found {}", other.describe())),
    }
}

/// None when a side is null. A number and text are compared as text: keys are text in SQL and may be numbers in a state.
pub fn compare(a: Cell<'_>, b: Cell<'_>) -> Option<Ordering> {
    match (a, b) {
        (Cell::Null, _) | (_, Cell::Null) => None,
        (Cell::Str(text), Cell::Int(number)) => Some(text.cmp(&number.to_string())),
        (Cell::Int(number), Cell::Str(text)) => Some(number.to_string().as_str().cmp(text)),
        (Cell::Str(text), Cell::UInt(number)) => Some(text.cmp(&number.to_string())),
        (Cell::UInt(number), Cell::Str(text)) => Some(number.to_string().as_str().cmp(text)),
        _ => Some(a.order(b)),
    }
}

fn binary<'a>(op: Binary, left: &'a Expr, right: &'a Expr, row: &Row<'a>) -> Result<Scalar, String> {
    let a = value(left, row)?;
    if matches!(op, Binary::And | Binary::Or) {
        let decided = op == Binary::Or;
        let a = truth(a.cell())?;
        if a == Some(decided) {
            return Ok(Scalar::Bool(decided));
        }
        let b = truth(value(right, row)?.cell())?;
        return Ok(match (a, b) {
            (_, Some(b)) if b == decided => Scalar::Bool(decided),
            (Some(_), Some(b)) => Scalar::Bool(b),
            _ => Scalar::Null,
        });
    }
    let b = value(right, row)?;
    let (a, b) = (a.cell(), b.cell());
    let order = |test: fn(Ordering) -> bool| compare(a, b).map_or(Scalar::Null, |o| Scalar::Bool(test(o)));
    Ok(match op {
        Binary::Eq => order(|o| o == Ordering::Equal),
        Binary::NotEq => order(|o| o != Ordering::Equal),
        Binary::Less => order(|o| o == Ordering::Less),
        Binary::LessEq => order(|o| o != Ordering::Greater),
        Binary::More => order(|o| o == Ordering::Greater),
        Binary::MoreEq => order(|o| o != Ordering::Less),
        Binary::Concat => match (a, b) {
            (Cell::Null, _) | (_, Cell::Null) => Scalar::Null,
            _ => Scalar::Str(format!("{}{}", functions::text(a), functions::text(b))),
        },
        _ => arithmetic(op, a, b)?,
    })
}

pub fn arithmetic(op: Binary, a: Cell<'_>, b: Cell<'_>) -> Result<Scalar, String> {
    if a == Cell::Null || b == Cell::Null {
        return Ok(Scalar::Null);
    }
    if let (Cell::Int(x), Cell::Int(y)) = (a, b) {
        let whole = match op {
            Binary::Add => x.checked_add(y),
            Binary::Subtract => x.checked_sub(y),
            Binary::Multiply => x.checked_mul(y),
            Binary::Modulo if y != 0 => x.checked_rem_euclid(y),
            Binary::IntegerDivide if y != 0 => Some((x as f64 / y as f64).floor() as i64),
            Binary::Modulo | Binary::IntegerDivide => return Ok(Scalar::Null),
            _ => None,
        };
        if let Some(whole) = whole {
            return Ok(Scalar::Int(whole));
        }
    }
    let (x, y) = match (a.number(), b.number()) {
        (Some(x), Some(y)) => (x, y),
        _ => return Err(format!("cannot calculate with {} and {}", a.describe(), b.describe())),
    };
    Ok(Scalar::Float(match op {
        Binary::Add => x + y,
        Binary::Subtract => x - y,
        Binary::Multiply => x * y,
        Binary::Divide => x / y,
        Binary::IntegerDivide => (x / y).floor(),
        Binary::Modulo => x.rem_euclid(y),
        _ => return Err("not an arithmetic operation".to_string()),
    }))
}

fn cast(cell: Cell<'_>, to: CastTo) -> Result<Scalar, String> {
    let wrong = || format!("cannot cast {} ({})", cell.describe(), functions::text(cell));
    Ok(match (to, cell) {
        (_, Cell::Null) => Scalar::Null,
        (CastTo::Text, _) => Scalar::Str(functions::text(cell)),
        (CastTo::Integer, Cell::Float(v)) => Scalar::Int(v.trunc() as i64),
        (CastTo::Integer, Cell::Bool(v)) => Scalar::Int(v as i64),
        (CastTo::Integer, Cell::Str(v)) => Scalar::Int(v.trim().parse().map_err(|_| wrong())?),
        (CastTo::Integer, _) => cell.to_scalar(),
        (CastTo::Float, Cell::Bool(v)) => Scalar::Float(v as u8 as f64),
        (CastTo::Float, Cell::Str(v)) => Scalar::Float(v.trim().parse().map_err(|_| wrong())?),
        (CastTo::Float, _) => Scalar::Float(cell.number().ok_or_else(wrong)?),
        (CastTo::Boolean, Cell::Bool(v)) => Scalar::Bool(v),
        (CastTo::Boolean, Cell::Int(v)) => Scalar::Bool(v != 0),
        (CastTo::Boolean, _) => return Err(wrong()),
    })
}
