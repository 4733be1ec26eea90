// Numbers as characters of seven bits, the lowest first: a row of them is a text that needs no parsing.
fn put(text: &mut String, mut value: u64, chars: usize) {
  for _ in 0..chars {
    text.push((value & 127) as u8 as char);
    value >>= 7;
  }
}
fn get(bytes: &[u8], at: usize, chars: usize) -> u64 {
  bytes[at..at + chars].iter().rev().fold(0, |value, byte| value << 7 | u64::from(*byte))
}
