// ISO 8601 with a zone, such as 2024-11-12T10:00:00.250+01:00, to epoch milliseconds.
pub fn epoch_ms(text: &str) -> Option<i64> {
  fn number(text: &[u8], from: usize, digits: usize) -> Option<i32> {
    let mut value = 0;
    for digit in text.get(from..from + digits)? {
      if !digit.is_ascii_digit() {
        return None;
      }
      value = value * 10 + i32::from(digit - b'0');
    }
    Some(value)
  }
  let bytes = text.as_bytes();
  for (at, sign) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':')] {
    if bytes.get(at) != Some(&sign) {
      return None;
    }
  }
  let (year, month, day) = (number(bytes, 0, 4)?, number(bytes, 5, 2)?, number(bytes, 8, 2)?);
  let (hour, minute) = (number(bytes, 11, 2)?, number(bytes, 14, 2)?);
  let mut at = 16;
  let mut second = 0;
  let mut milli = 0;
  if bytes.get(at) == Some(&b':') {
    second = number(bytes, 17, 2)?;
    at = 19;
    if bytes.get(at) == Some(&b'.') {
      let digits = bytes[20..].iter().take_while(|byte| byte.is_ascii_digit()).count();
      if digits == 0 {
        return None;
      }
      for place in 0..3 {
        milli = milli * 10 + if place < digits { i32::from(bytes[20 + place] - b'0') } else { 0 };
      }
      at = 20 + digits;
    }
  }
  let zone = &bytes[at..];
  let offset_minutes = match zone.first()? {
    b'Z' if zone.len() == 1 => 0,
    sign @ (b'+' | b'-') if zone.len() == 5 || (zone.len() == 6 && zone[3] == b':') => {
      let minutes = number(zone, 1, 2)? * 60 + number(zone, zone.len() - 2, 2)?;
      if *sign == b'-' { -minutes } else { minutes }
    }
    _ => return None,
  };
  let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  let month_days = match month {
    1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
    4 | 6 | 9 | 11 => 30,
    2 => if leap { 29 } else { 28 },
    _ => return None,
  };
  if day < 1 || day > month_days || hour > 23 || minute > 59 || second > 59 {
    return None;
  }
  // Days since 1970-01-01 with years that begin in March, so that leap days come last.
  let (march_year, march_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
  let days = march_year * 365 + march_year.div_euclid(4) - march_year.div_euclid(100)
    + march_year.div_euclid(400) + (march_month * 153 + 2) / 5 + day - 1 - 719_468;
  // Wasm divides 64 bits slowly, so only what does not fit into 32 is in them.
  let minutes = i64::from(days * 24 + hour) * 60 + i64::from(minute - offset_minutes);
  Some((minutes * 60 + i64::from(second)) * 1000 + i64::from(milli))
}
