//! Environment variables for operators, as the host has given them: `std::env` of an operator's code is this module.

use super::global::Global;

pub use std::env::VarError;

static VARIABLES: Global<Vec<(String, String)>> = Global::new(Vec::new());

/// `NAME=value` texts, each ended by a 0 byte. Replaces all.
pub fn set(texts: &[u8]) {
    let variables = VARIABLES.get();
    variables.clear();
    for text in texts.split(|byte| *byte == 0) {
        let text = String::from_utf8_lossy(text);
        if let Some(at) = text.find('=') {
            variables.push((text[..at].to_string(), text[at + 1..].to_string()));
        }
    }
}

pub fn var(name: impl AsRef<str>) -> Result<String, VarError> {
    let found = VARIABLES.get().iter().find(|(known, _)| known == name.as_ref());
    found.map(|(_, value)| value.clone()).ok_or(VarError::NotPresent)
}

pub fn vars() -> std::vec::IntoIter<(String, String)> {
    VARIABLES.get().clone().into_iter()
}
