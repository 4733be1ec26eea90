//! What is wrong with a record's JSON, and where.

/// Why a record could not be decoded. Boxed: the good path returns it by one word.
pub struct Fail(Box<Cause>);

struct Cause {
    message: String,
    path: Vec<String>,
    offset: usize,
}

impl Fail {
    #[cold]
    pub fn new(message: impl Into<String>, offset: usize) -> Self {
        Fail(Box::new(Cause { message: message.into(), path: Vec::new(), offset }))
    }

    /// Adds the field around the place that failed; called from the inside out.
    #[cold]
    pub fn at(mut self, field: &str) -> Self {
        self.0.path.push(field.to_string());
        self
    }

    #[cold]
    pub fn text(&self) -> String {
        let mut text = self.0.message.clone();
        if !self.0.path.is_empty() {
            let fields: Vec<&str> = self.0.path.iter().rev().map(|s| s.as_str()).collect();
            text.push_str(&format!(" at field \"{}\"", fields.join(".")));
        }
        text.push_str(&format!(" (offset {})", self.0.offset));
        text
    }
}
