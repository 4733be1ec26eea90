/// Title, player, item, currency, address, region, event id and receipt as one text, behind their lengths of two
/// characters each.
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
