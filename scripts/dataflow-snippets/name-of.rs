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
