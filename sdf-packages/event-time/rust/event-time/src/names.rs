// Eight names in one text: how they get in, and how operators read them. What is between `// part <name>` and the next
// one is in the operators, too, which cannot call a function of a package.

// part pack-names
// Title, player, item, currency, address, region, event id and receipt as one text, behind their lengths of two
// characters each.
pub fn pack_names(parts: [&str; 8]) -> String {
  let mut head = [0_u8; 16];
  let mut bytes = 16;
  for (at, part) in parts.iter().enumerate() {
    let length = clip(part).len();
    head[at * 2] = (length & 127) as u8;
    head[at * 2 + 1] = (length >> 7) as u8;
    bytes += length;
  }
  let mut names = String::with_capacity(bytes);
  names.push_str(std::str::from_utf8(&head).unwrap_or(""));
  for part in &parts {
    names.push_str(clip(part));
  }
  names
}

// Lengths have fourteen bits; no id that the edge lets in is a hundredth of it.
fn clip(text: &str) -> &str {
  const BYTES_MAX: usize = 16_383;
  if text.len() <= BYTES_MAX {
    return text;
  }
  let mut end = BYTES_MAX;
  while !text.is_char_boundary(end) {
    end -= 1;
  }
  &text[..end]
}

// part name-of
// Eight names in one text, behind their lengths of two characters each.
const TITLE: usize = 0;
const PLAYER: usize = 1;
const ITEM: usize = 2;
const CURRENCY: usize = 3;
const ADDRESS: usize = 4;
const REGION: usize = 5;
const EVENT: usize = 6;
const RECEIPT: usize = 7;
const NAMES: usize = 8;
#[inline]
fn length(names: &str, which: usize) -> usize {
  let bytes = names.as_bytes();
  usize::from(bytes[which * 2]) | usize::from(bytes[which * 2 + 1]) << 7
}
#[inline]
fn name(names: &str, which: usize) -> &str {
  let start = (0..which).fold(NAMES * 2, |at, before| at + length(names, before));
  &names[start..start + length(names, which)]
}
// Some of them, each on a line, as a key.
fn joined(names: &str, which: &[usize]) -> String {
  let mut text = String::with_capacity(which.iter().map(|n| length(names, *n) + 1).sum());
  for (at, n) in which.iter().enumerate() {
    if at > 0 {
      text.push('\n');
    }
    text.push_str(name(names, *n));
  }
  text
}
