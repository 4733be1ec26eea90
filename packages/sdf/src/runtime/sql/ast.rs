//! A parsed query.

use crate::rt::cell::Scalar;

/// Selects united: true for `union all`. `whole` orders and cuts the union, as the table `self`.
pub struct Query {
    pub first: Select,
    pub rest: Vec<(bool, Select)>,
    pub whole: Option<Select>,
}

#[derive(Default)]
pub struct Select {
    pub distinct: bool,
    pub items: Vec<Item>,
    pub from: Option<TableRef>,
    pub joins: Vec<Join>,
    pub filter: Option<Expr>,
    pub group_by: Vec<Expr>,
    pub having: Option<Expr>,
    pub order_by: Vec<Order>,
    pub limit: Option<usize>,
    pub offset: usize,
}

pub enum Item {
    /// `*` or `t.*`
    Star(Option<String>),
    Expr { expr: Expr, name: String },
}

#[derive(Clone)]
pub struct TableRef {
    pub name: String,
    pub alias: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

#[derive(Clone)]
pub struct Join {
    pub kind: JoinKind,
    pub table: TableRef,
    pub on: Option<Expr>,
    pub using: Vec<String>,
}

pub struct Order {
    pub expr: Expr,
    pub descending: bool,
    pub nulls_first: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binary {
    Or,
    And,
    Eq,
    NotEq,
    Less,
    LessEq,
    More,
    MoreEq,
    Add,
    Subtract,
    Multiply,
    Divide,
    IntegerDivide,
    Modulo,
    Concat,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    /// As written; resolved to `Slot` before it is evaluated.
    Name { table: Option<String>, column: String },
    Slot { table: usize, column: usize },
    /// The nth aggregate of the query, after grouping.
    Result(usize),
    Literal(Scalar),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    Call { name: String, arguments: Vec<Expr> },
    Aggregate { name: String, argument: Option<Box<Expr>>, distinct: bool },
    Case { operand: Option<Box<Expr>>, branches: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>> },
    Cast { value: Box<Expr>, to: CastTo },
    IsNull { value: Box<Expr>, negated: bool },
    In { value: Box<Expr>, list: Vec<Expr>, negated: bool },
    Between { value: Box<Expr>, low: Box<Expr>, high: Box<Expr>, negated: bool },
    Like { value: Box<Expr>, pattern: Box<Expr>, negated: bool, any_case: bool },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CastTo {
    Integer,
    Float,
    Text,
    Boolean,
}

impl Expr {
    /// Replaces this node's children by what `change` makes of them.
    pub fn map_children(self, change: &mut dyn FnMut(Expr) -> Result<Expr, String>) -> Result<Expr, String> {
        let mut boxed = |e: Box<Expr>| -> Result<Box<Expr>, String> { Ok(Box::new(change(*e)?)) };
        Ok(match self {
            Expr::Not(e) => Expr::Not(boxed(e)?),
            Expr::Negate(e) => Expr::Negate(boxed(e)?),
            Expr::Binary(op, a, b) => Expr::Binary(op, boxed(a)?, boxed(b)?),
            Expr::Call { name, arguments } => {
                let arguments = arguments.into_iter().map(&mut *change).collect::<Result<_, _>>()?;
                Expr::Call { name, arguments }
            }
            Expr::Aggregate { name, argument, distinct } => {
                Expr::Aggregate { name, argument: argument.map(boxed).transpose()?, distinct }
            }
            Expr::Case { operand, branches, otherwise } => {
                let operand = operand.map(&mut boxed).transpose()?;
                let otherwise = otherwise.map(&mut boxed).transpose()?;
                let mut changed = Vec::new();
                for (when, then) in branches {
                    changed.push((change(when)?, change(then)?));
                }
                Expr::Case { operand, branches: changed, otherwise }
            }
            Expr::Cast { value, to } => Expr::Cast { value: boxed(value)?, to },
            Expr::IsNull { value, negated } => Expr::IsNull { value: boxed(value)?, negated },
            Expr::In { value, list, negated } => {
                let value = boxed(value)?;
                let list = list.into_iter().map(&mut *change).collect::<Result<_, _>>()?;
                Expr::In { value, list, negated }
            }
            Expr::Between { value, low, high, negated } => {
                Expr::Between { value: boxed(value)?, low: boxed(low)?, high: boxed(high)?, negated }
            }
            Expr::Like { value, pattern, negated, any_case } => {
                Expr::Like { value: boxed(value)?, pattern: boxed(pattern)?, negated, any_case }
            }
            leaf => leaf,
        })
    }
}
