// ISO 8601 with a zone, such as 2024-11-12T10:00:00.250+01:00, to epoch milliseconds.
pub fn epoch_ms(text: &str) -> Option<i64> {
  plain_ms(text).or_else(|| any_ms(text))
}

// The time as the edge writes it, 2024-11-12T10:00:00.250Z, is read without a look at every other way to write one.
fn plain_ms(text: &str) -> Option<i64> {
  let bytes: &[u8; 24] = match text.as_bytes().try_into() {
    Ok(bytes) => bytes,
    Err(_) => return None,
  };
  let signs = bytes[4] == b'-' && bytes[7] == b'-' && bytes[10] == b'T' && bytes[13] == b':' && bytes[16] == b':' && bytes[19] == b'.' && bytes[23] == b'Z';
  const DIGITS: [usize; 17] = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22];
  let mut d = [0_i32; 17];
  let mut wrong = !signs;
  for (digit, at) in d.iter_mut().zip(DIGITS.iter()) {
    let value = bytes[*at].wrapping_sub(b'0');
    wrong |= value > 9;
    *digit = i32::from(value);
  }
  let year = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3];
  let (month, day) = (d[4] * 10 + d[5], d[6] * 10 + d[7]);
  let (hour, minute, second) = (d[8] * 10 + d[9], d[10] * 10 + d[11], d[12] * 10 + d[13]);
  // The last days of a month are left to the other way, which knows its length.
  if wrong || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 || year < 2000 {
    return None;
  }
  let (march_year, march_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
  let days = march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400 + (march_month * 153 + 2) / 5 + day - 1 - 719_468;
  Some(moment(days, hour * 60 + minute, second, d[14] * 100 + d[15] * 10 + d[16]))
}

// Wasm divides and multiplies 64 bits slowly, so only what does not fit into 32 is in them.
fn moment(days: i32, minutes: i32, second: i32, milli: i32) -> i64 {
  let minutes = i64::from(days * 24) * 60 + i64::from(minutes);
  (minutes * 60 + i64::from(second)) * 1000 + i64::from(milli)
}

fn any_ms(text: &str) -> Option<i64> {
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
  Some(moment(days, hour * 60 + minute - offset_minutes, second, milli))
}

// 2000-01-01 and 2090-01-01: nothing that a game tells of has happened outside of these.
pub const BELIEVED_MS: std::ops::Range<i64> = 946_684_800_000..3_786_912_000_000;

/// When an event counts: at the time that it tells, but not later than it arrived. A clock that runs ahead of the edge
/// must not close windows early. None for a text that is no time.
pub fn event_ms(written: &str, received_at: Option<i64>) -> Option<i64> {
  epoch_ms(written).map(|ms| received_at.map_or(ms, |received| received.min(ms)))
}
