// A part of a path in Graphite. What had to be changed or cut gets a hash, so that two names never become one.
fn graphite_name(text: &str) -> String {
  const CHARS_MAX: usize = 64;
  let safe = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-';
  if !text.is_empty() && text.len() <= CHARS_MAX && text.chars().all(safe) {
    return String::from(text);
  }
  let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
  let kept: String = text.chars().take(CHARS_MAX).map(|sign| if safe(sign) { sign } else { '_' }).collect();
  format!("{}_{:08x}", kept, hash)
}
// Where the series of a title begin.
fn graphite_root(title_id: &str) -> String {
  if title_id == "local" { String::from("gaming") } else { format!("gaming_{}", graphite_name(title_id)) }
}
