//! Tokens of SQL. Backticks and double quotes quote names, single quotes text.

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// Unquoted; keywords are words too.
    Word(String),
    Quoted(String),
    Text(String),
    Integer(i64),
    Float(f64),
    Symbol(&'static str),
    End,
}

const SYMBOLS: [&str; 20] =
    ["<=", ">=", "<>", "!=", "==", "||", "//", "(", ")", ",", ".", "*", "+", "-", "/", "%", "=", "<", ">", ";"];

pub fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let bytes = query.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_whitespace() {
            at += 1;
        } else if byte == b'-' && bytes.get(at + 1) == Some(&b'-') {
            while at < bytes.len() && bytes[at] != b'\n' {
                at += 1;
            }
        } else if byte == b'\'' || byte == b'"' || byte == b'`' {
            let (text, next) = quoted(query, at, byte)?;
            out.push(if byte == b'\'' { Token::Text(text) } else { Token::Quoted(text) });
            at = next;
        } else if byte.is_ascii_digit() || (byte == b'.' && bytes.get(at + 1).map_or(false, |b| b.is_ascii_digit())) {
            let end = number_end(bytes, at);
            out.push(number(&query[at..end])?);
            at = end;
        } else if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 {
            let from = at;
            while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_' || bytes[at] >= 0x80) {
                at += 1;
            }
            out.push(Token::Word(query[from..at].to_string()));
        } else {
            let symbol = SYMBOLS.iter().find(|symbol| query[at..].starts_with(**symbol));
            let symbol = symbol.ok_or_else(|| format!("unexpected character {:?}", query[at..].chars().next()))?;
            out.push(Token::Symbol(symbol));
            at += symbol.len();
        }
    }
    out.push(Token::End);
    Ok(out)
}

/// A doubled quote stands for itself.
fn quoted(query: &str, at: usize, quote: u8) -> Result<(String, usize), String> {
    let bytes = query.as_bytes();
    let mut text = Vec::new();
    let mut at = at + 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) != Some(&quote) {
                let text = String::from_utf8(text).map_err(|_| "invalid text".to_string())?;
                return Ok((text, at + 1));
            }
            at += 1;
        }
        text.push(bytes[at]);
        at += 1;
    }
    Err(format!("unfinished {}", quote as char))
}

fn number_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        let byte = bytes[at];
        let sign = (byte == b'-' || byte == b'+') && at > from && matches!(bytes[at - 1], b'e' | b'E');
        if !(byte.is_ascii_digit() || byte == b'.' || byte == b'e' || byte == b'E' || sign) {
            break;
        }
        at += 1;
    }
    at
}

fn number(text: &str) -> Result<Token, String> {
    if let Ok(value) = text.parse::<i64>() {
        return Ok(Token::Integer(value));
    }
    text.parse::<f64>().map(Token::Float).map_err(|_| format!("invalid number {}", text))
}
