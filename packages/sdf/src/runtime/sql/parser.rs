//! Tokens to a `Query`. Expressions are in parse_expr.rs.

use super::ast::{Expr, Item, Join, JoinKind, Order, Query, Select, TableRef};
use super::lexer::{tokens, Token};

/// Words that end an expression or a table, and so cannot be an alias without `as`.
pub(super) const RESERVED: [&str; 27] = [
    "from", "where", "group", "having", "order", "limit", "offset", "join", "inner", "left", "right", "full", "cross",
    "on", "using", "union", "and", "or", "not", "as", "asc", "desc", "nulls", "when", "then", "else", "end",
];
/// More parts than anybody writes by hand.
const UNION_MAX: usize = 64;

pub fn parse(query: &str) -> Result<Query, String> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0, depth: 0 };
    if !parser.is_word("select") {
        return Err(match parser.peek() {
            Token::Word(word) => format!("{} is not supported, only select", word),
            _ => "expected select".to_string(),
        });
    }
    let query = parser.query()?;
    parser.symbol(";");
    match parser.peek() {
        Token::End => Ok(query),
        Token::Word(word) => Err(format!("{} is not supported here", word)),
        other => Err(format!("unexpected {:?}", other)),
    }
}

pub(super) struct Parser {
    tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) depth: u32,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.tokens[self.at].clone();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if w.eq_ignore_ascii_case(word))
    }

    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn need_word(&mut self, word: &str) -> Result<(), String> {
        if self.word(word) {
            return Ok(());
        }
        Err(format!("expected {}, found {:?}", word, self.peek()))
    }

    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(s) if *s == symbol);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn need_symbol(&mut self, symbol: &str) -> Result<(), String> {
        if self.symbol(symbol) {
            return Ok(());
        }
        Err(format!("expected {}, found {:?}", symbol, self.peek()))
    }

    pub(super) fn name(&mut self) -> Result<String, String> {
        match self.next() {
            Token::Word(name) | Token::Quoted(name) => Ok(name),
            other => Err(format!("expected a name, found {:?}", other)),
        }
    }

    /// Order and limit after a union are of the whole.
    fn query(&mut self) -> Result<Query, String> {
        let first = self.select()?;
        let mut rest = Vec::new();
        while self.word("union") {
            let all = self.word("all");
            if !all {
                self.word("distinct");
            }
            if self.is_word("by") {
                return Err("union by name is not supported".to_string());
            }
            if rest.len() == UNION_MAX {
                return Err(format!("more than {} unions", UNION_MAX));
            }
            rest.push((all, self.select()?));
        }
        let order_by = self.order_by()?;
        let limit = if self.word("limit") { Some(self.count()?) } else { None };
        let offset = if self.word("offset") { self.count()? } else { 0 };
        if rest.is_empty() {
            return Ok(Query { first: Select { order_by, limit, offset, ..first }, rest, whole: None });
        }
        let from = Some(TableRef { name: "self".to_string(), alias: "self".to_string() });
        let whole = Select { items: vec![Item::Star(None)], from, order_by, limit, offset, ..Select::default() };
        Ok(Query { first, rest, whole: Some(whole) })
    }

    fn select(&mut self) -> Result<Select, String> {
        self.need_word("select")?;
        let distinct = self.word("distinct");
        let mut items = vec![self.item()?];
        while self.symbol(",") {
            items.push(self.item()?);
        }
        let from = if self.word("from") { Some(self.table()?) } else { None };
        let mut joins = Vec::new();
        while let Some(join) = self.join()? {
            joins.push(join);
        }
        let filter = if self.word("where") { Some(self.expr()?) } else { None };
        let mut group_by = Vec::new();
        if self.word("group") {
            self.need_word("by")?;
            group_by = self.list()?;
        }
        let having = if self.word("having") { Some(self.expr()?) } else { None };
        Ok(Select { distinct, items, from, joins, filter, group_by, having, ..Select::default() })
    }

    fn count(&mut self) -> Result<usize, String> {
        match self.next() {
            Token::Integer(count) if count >= 0 => Ok(count as usize),
            other => Err(format!("expected a count, found {:?}", other)),
        }
    }

    pub(super) fn list(&mut self) -> Result<Vec<Expr>, String> {
        let mut list = vec![self.expr()?];
        while self.symbol(",") {
            list.push(self.expr()?);
        }
        Ok(list)
    }

    fn item(&mut self) -> Result<Item, String> {
        if self.symbol("*") {
            return Ok(Item::Star(None));
        }
        if let (Token::Word(table) | Token::Quoted(table), Some(Token::Symbol(".")), Some(Token::Symbol("*"))) =
            (self.peek().clone(), self.tokens.get(self.at + 1), self.tokens.get(self.at + 2))
        {
            self.at += 3;
            return Ok(Item::Star(Some(table)));
        }
        let from = self.at;
        let expr = self.expr()?;
        let name = match self.alias()? {
            Some(alias) => alias,
            None => output_name(&expr, &self.tokens[from..self.at]),
        };
        Ok(Item::Expr { expr, name })
    }

    /// `as name`, or a name that is no keyword.
    fn alias(&mut self) -> Result<Option<String>, String> {
        if self.word("as") {
            return self.name().map(Some);
        }
        match self.peek().clone() {
            Token::Quoted(name) => {
                self.next();
                Ok(Some(name))
            }
            Token::Word(name) if !RESERVED.iter().any(|word| word.eq_ignore_ascii_case(&name)) => {
                self.next();
                Ok(Some(name))
            }
            _ => Ok(None),
        }
    }

    fn table(&mut self) -> Result<TableRef, String> {
        if matches!(self.peek(), Token::Symbol("(")) {
            return Err("a query inside from is not supported".to_string());
        }
        let name = self.name()?;
        let alias = self.alias()?.unwrap_or_else(|| name.clone());
        if matches!(self.peek(), Token::Symbol(",")) {
            return Err("several tables in from are not supported; use join".to_string());
        }
        Ok(TableRef { name, alias })
    }

    fn join(&mut self) -> Result<Option<Join>, String> {
        let kind = if self.word("join") {
            JoinKind::Inner
        } else if self.word("inner") {
            self.need_word("join")?;
            JoinKind::Inner
        } else if self.word("cross") {
            self.need_word("join")?;
            JoinKind::Cross
        } else {
            let kind = if self.word("left") {
                JoinKind::Left
            } else if self.word("right") {
                JoinKind::Right
            } else if self.word("full") {
                JoinKind::Full
            } else {
                return Ok(None);
            };
            self.word("outer");
            self.need_word("join")?;
            kind
        };
        let table = self.table()?;
        let (mut on, mut using) = (None, Vec::new());
        if kind != JoinKind::Cross {
            if self.word("using") {
                self.need_symbol("(")?;
                using.push(self.name()?);
                while self.symbol(",") {
                    using.push(self.name()?);
                }
                self.need_symbol(")")?;
            } else {
                self.need_word("on")?;
                on = Some(self.expr()?);
            }
        }
        Ok(Some(Join { kind, table, on, using }))
    }

    fn order_by(&mut self) -> Result<Vec<Order>, String> {
        let mut order = Vec::new();
        if !self.word("order") {
            return Ok(order);
        }
        self.need_word("by")?;
        loop {
            let expr = self.expr()?;
            let descending = self.word("desc");
            if !descending {
                self.word("asc");
            }
            let mut nulls_first = None;
            if self.word("nulls") {
                nulls_first = Some(self.word("first"));
                if nulls_first == Some(false) {
                    self.need_word("last")?;
                }
            }
            order.push(Order { expr, descending, nulls_first });
            if !self.symbol(",") {
                return Ok(order);
            }
        }
    }
}

/// Polars names a result after the column it comes from.
fn output_name(expr: &Expr, tokens: &[Token]) -> String {
    match expr {
        Expr::Name { column, .. } => column.clone(),
        // Of `count(*)`, the only one without an argument.
        Expr::Aggregate { argument: None, .. } => "len".to_string(),
        Expr::Aggregate { argument: Some(inner), .. } | Expr::Negate(inner) => output_name(inner, tokens),
        Expr::Cast { value, .. } => output_name(value, tokens),
        Expr::Binary(_, left, right) => match (left.as_ref(), right.as_ref()) {
            (Expr::Literal(_), Expr::Literal(_)) => "literal".to_string(),
            (Expr::Literal(_), other) | (other, _) => output_name(other, tokens),
        },
        Expr::Call { arguments, .. } if !arguments.is_empty() => output_name(&arguments[0], tokens),
        _ => "literal".to_string(),
    }
}
