//! Tokens to a `Select`. Precedence climbing for expressions.

use super::ast::{Binary, CastTo, Expr, Item, Join, JoinKind, Order, Select, TableRef};
use super::lexer::{tokens, Token};
use crate::rt::cell::Scalar;

const DEPTH_MAX: u32 = 64;
/// Words that end an expression or a table, and so cannot be an alias without `as`.
const RESERVED: [&str; 27] = [
    "from", "where", "group", "having", "order", "limit", "offset", "join", "inner", "left", "right", "full", "cross",
    "on", "using", "union", "and", "or", "not", "as", "asc", "desc", "nulls", "when", "then", "else", "end",
];
const AGGREGATES: [&str; 16] = [
    "count", "sum", "avg", "mean", "min", "max", "first", "last", "median", "stddev", "stdev", "std", "stddev_samp",
    "variance", "var", "var_samp",
];

pub fn parse(query: &str) -> Result<Select, String> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0, depth: 0 };
    if !parser.is_word("select") {
        return Err(match parser.peek() {
            Token::Word(word) => format!("{} is not supported, only select", word),
            _ => "expected select".to_string(),
        });
    }
    let select = parser.select()?;
    parser.symbol(";");
    match parser.peek() {
        Token::End => Ok(select),
        Token::Word(word) => Err(format!("{} is not supported here", word)),
        other => Err(format!("unexpected {:?}", other)),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    fn next(&mut self) -> Token {
        let token = self.tokens[self.at].clone();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if w.eq_ignore_ascii_case(word))
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    fn need_word(&mut self, word: &str) -> Result<(), String> {
        if self.word(word) {
            return Ok(());
        }
        Err(format!("expected {}, found {:?}", word, self.peek()))
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(s) if *s == symbol);
        if found {
            self.next();
        }
        found
    }

    fn need_symbol(&mut self, symbol: &str) -> Result<(), String> {
        if self.symbol(symbol) {
            return Ok(());
        }
        Err(format!("expected {}, found {:?}", symbol, self.peek()))
    }

    fn name(&mut self) -> Result<String, String> {
        match self.next() {
            Token::Word(name) | Token::Quoted(name) => Ok(name),
            other => Err(format!("expected a name, found {:?}", other)),
        }
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
        let order_by = self.order_by()?;
        let limit = if self.word("limit") { Some(self.count()?) } else { None };
        let offset = if self.word("offset") { self.count()? } else { 0 };
        Ok(Select { distinct, items, from, joins, filter, group_by, having, order_by, limit, offset })
    }

    fn count(&mut self) -> Result<usize, String> {
        match self.next() {
            Token::Integer(count) if count >= 0 => Ok(count as usize),
            other => Err(format!("expected a count, found {:?}", other)),
        }
    }

    fn list(&mut self) -> Result<Vec<Expr>, String> {
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

    fn expr(&mut self) -> Result<Expr, String> {
        self.deeper(|parser| parser.binary(0))
    }

    /// Every way for an expression to contain another one goes through here: the stack is small.
    fn deeper(&mut self, parse: impl FnOnce(&mut Self) -> Result<Expr, String>) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("the expression is nested too deep".to_string());
        }
        let expr = parse(self);
        self.depth -= 1;
        expr
    }

    /// Levels: 0 or, 1 and, 2 not, 3 comparison, 4 concat, 5 sum, 6 product.
    fn binary(&mut self, level: u32) -> Result<Expr, String> {
        match level {
            2 => {
                if self.word("not") {
                    return Ok(Expr::Not(Box::new(self.deeper(|parser| parser.binary(2))?)));
                }
                return self.comparison();
            }
            7 => return self.unary(),
            _ => {}
        }
        let next = if level == 3 { 4 } else { level + 1 };
        let mut left = self.binary(next)?;
        while let Some(op) = self.operator(level) {
            left = Expr::Binary(op, Box::new(left), Box::new(self.binary(next)?));
        }
        Ok(left)
    }

    fn operator(&mut self, level: u32) -> Option<Binary> {
        let op = match (level, self.peek()) {
            (0, Token::Word(w)) if w.eq_ignore_ascii_case("or") => Binary::Or,
            (1, Token::Word(w)) if w.eq_ignore_ascii_case("and") => Binary::And,
            (4, Token::Symbol("||")) => Binary::Concat,
            (5, Token::Symbol("+")) => Binary::Add,
            (5, Token::Symbol("-")) => Binary::Subtract,
            (6, Token::Symbol("*")) => Binary::Multiply,
            (6, Token::Symbol("/")) => Binary::Divide,
            (6, Token::Symbol("//")) => Binary::IntegerDivide,
            (6, Token::Symbol("%")) => Binary::Modulo,
            _ => return None,
        };
        self.next();
        Some(op)
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let mut left = self.binary(4)?;
        loop {
            let op = match self.peek() {
                Token::Symbol("=") | Token::Symbol("==") => Binary::Eq,
                Token::Symbol("<>") | Token::Symbol("!=") => Binary::NotEq,
                Token::Symbol("<") => Binary::Less,
                Token::Symbol("<=") => Binary::LessEq,
                Token::Symbol(">") => Binary::More,
                Token::Symbol(">=") => Binary::MoreEq,
                _ => match self.postfix(left)? {
                    (expr, true) => {
                        left = expr;
                        continue;
                    }
                    (expr, false) => return Ok(expr),
                },
            };
            self.next();
            left = Expr::Binary(op, Box::new(left), Box::new(self.binary(4)?));
        }
    }

    /// `is null`, `in`, `between`, `like`; false when none follows.
    fn postfix(&mut self, left: Expr) -> Result<(Expr, bool), String> {
        let value = Box::new(left);
        if self.word("is") {
            let negated = self.word("not");
            self.need_word("null")?;
            return Ok((Expr::IsNull { value, negated }, true));
        }
        let from = self.at;
        let negated = self.word("not");
        if self.word("in") {
            self.need_symbol("(")?;
            if self.is_word("select") {
                return Err("a query inside in is not supported".to_string());
            }
            let list = self.list()?;
            self.need_symbol(")")?;
            return Ok((Expr::In { value, list, negated }, true));
        }
        if self.word("between") {
            let low = Box::new(self.binary(4)?);
            self.need_word("and")?;
            let high = Box::new(self.binary(4)?);
            return Ok((Expr::Between { value, low, high, negated }, true));
        }
        let any_case = self.is_word("ilike");
        if any_case || self.is_word("like") {
            self.next();
            let pattern = Box::new(self.binary(4)?);
            return Ok((Expr::Like { value, pattern, negated, any_case }, true));
        }
        self.at = from;
        Ok((*value, false))
    }

    fn unary(&mut self) -> Result<Expr, String> {
        if self.symbol("-") {
            return Ok(match self.deeper(|parser| parser.unary())? {
                Expr::Literal(Scalar::Int(v)) => Expr::Literal(Scalar::Int(-v)),
                Expr::Literal(Scalar::Float(v)) => Expr::Literal(Scalar::Float(-v)),
                other => Expr::Negate(Box::new(other)),
            });
        }
        if self.symbol("+") {
            return self.deeper(|parser| parser.unary());
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expr, String> {
        match self.next() {
            Token::Integer(v) => Ok(Expr::Literal(Scalar::Int(v))),
            Token::Float(v) => Ok(Expr::Literal(Scalar::Float(v))),
            Token::Text(v) => Ok(Expr::Literal(Scalar::Str(v))),
            Token::Symbol("(") => {
                if self.is_word("select") {
                    return Err("a query inside an expression is not supported".to_string());
                }
                let expr = self.expr()?;
                self.need_symbol(")")?;
                Ok(expr)
            }
            Token::Quoted(name) => self.column(name),
            Token::Word(name) => self.word_expr(name),
            other => Err(format!("expected a value, found {:?}", other)),
        }
    }

    fn word_expr(&mut self, word: String) -> Result<Expr, String> {
        match word.to_ascii_lowercase().as_str() {
            "null" => return Ok(Expr::Literal(Scalar::Null)),
            "true" => return Ok(Expr::Literal(Scalar::Bool(true))),
            "false" => return Ok(Expr::Literal(Scalar::Bool(false))),
            "case" => return self.case(),
            "cast" => return self.cast(),
            lower if RESERVED.contains(&lower) => return Err(format!("expected a value, found {}", word)),
            _ => {}
        }
        if self.symbol("(") {
            return self.call(word.to_ascii_lowercase());
        }
        self.column(word)
    }

    fn column(&mut self, name: String) -> Result<Expr, String> {
        if self.symbol(".") {
            let column = self.name()?;
            return Ok(Expr::Name { table: Some(name), column });
        }
        Ok(Expr::Name { table: None, column: name })
    }

    fn call(&mut self, name: String) -> Result<Expr, String> {
        if AGGREGATES.contains(&name.as_str()) {
            let distinct = self.word("distinct");
            let star = self.symbol("*");
            let argument = if star || matches!(self.peek(), Token::Symbol(")")) { None } else { Some(Box::new(self.expr()?)) };
            self.need_symbol(")")?;
            self.refuse_over()?;
            if argument.is_none() && name != "count" {
                return Err(format!("{} needs an argument", name));
            }
            return Ok(Expr::Aggregate { name, argument, distinct });
        }
        let arguments = if matches!(self.peek(), Token::Symbol(")")) { Vec::new() } else { self.list()? };
        self.need_symbol(")")?;
        self.refuse_over()?;
        Ok(Expr::Call { name, arguments })
    }

    fn refuse_over(&self) -> Result<(), String> {
        if self.is_word("over") {
            return Err("a window function (over) is not supported".to_string());
        }
        Ok(())
    }

    fn case(&mut self) -> Result<Expr, String> {
        let operand = if self.is_word("when") { None } else { Some(Box::new(self.expr()?)) };
        let mut branches = Vec::new();
        while self.word("when") {
            let when = self.expr()?;
            self.need_word("then")?;
            branches.push((when, self.expr()?));
        }
        let otherwise = if self.word("else") { Some(Box::new(self.expr()?)) } else { None };
        self.need_word("end")?;
        Ok(Expr::Case { operand, branches, otherwise })
    }

    fn cast(&mut self) -> Result<Expr, String> {
        self.need_symbol("(")?;
        let value = Box::new(self.expr()?);
        self.need_word("as")?;
        let kind = self.name()?;
        let to = match kind.to_ascii_lowercase().as_str() {
            "int" | "integer" | "bigint" | "smallint" | "int4" | "int8" => CastTo::Integer,
            "float" | "double" | "real" | "float8" | "float4" => CastTo::Float,
            "text" | "varchar" | "string" | "char" => CastTo::Text,
            "bool" | "boolean" => CastTo::Boolean,
            _ => return Err(format!("cast to {} is not supported", kind)),
        };
        self.need_symbol(")")?;
        Ok(Expr::Cast { value, to })
    }
}

/// Polars names a result after the column it comes from.
fn output_name(expr: &Expr, tokens: &[Token]) -> String {
    match expr {
        Expr::Name { column, .. } => column.clone(),
        Expr::Aggregate { name, argument: None, .. } => name.clone(),
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
