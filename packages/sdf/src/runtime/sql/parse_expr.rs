//! Expressions: precedence climbing.

use super::ast::{Binary, CastTo, Expr};
use super::lexer::Token;
use super::parser::{Parser, RESERVED};
use crate::rt::cell::Scalar;

const DEPTH_MAX: u32 = 64;
const AGGREGATES: [&str; 16] = [
    "count", "sum", "avg", "mean", "min", "max", "first", "last", "median", "stddev", "stdev", "std", "stddev_samp",
    "variance", "var", "var_samp",
];

impl Parser {
    pub(super) fn expr(&mut self) -> Result<Expr, String> {
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
            // Functions, where a bracket follows.
            "left" | "right" if matches!(self.peek(), Token::Symbol("(")) => {}
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
