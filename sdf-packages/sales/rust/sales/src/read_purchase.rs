use crate::bindings::arenaflow::sales::types::{Purchase, Sale};
use sdfg::sdf;
use sdfg::Result;

const SOUND: u8 = 0;
const BAD_TIME: u8 = 1;
const BAD_PRICE: u8 = 2;
const BAD_CURRENCY: u8 = 3;
// Above it, in units of any currency, the price is in the wrong unit.
const PRICE_MAX: f64 = 1_000_000.0;
// 2000-01-01 and 2090-01-01: no game has sold anything outside of these.
const TIME_MIN_MS: i64 = 946_684_800_000;
const TIME_MAX_MS: i64 = 3_786_912_000_000;


/// The record as a sale in the base currency; `problem` says why it is none. It never fails: what makes no
/// sense goes on, so that it can be counted.
#[sdf(fn_name = "read-purchase")]
pub(crate) fn read_purchase(purchase: Purchase) -> Result<Sale> {
  let written_ms = plain_ms(&purchase.purchase_timestamp).or_else(|| epoch_ms(&purchase.purchase_timestamp));
  // A clock that runs ahead of the edge must not close windows early.
  let at_ms = written_ms.map(|ms| purchase.received_at.map_or(ms, |received| received.min(ms)));
  let at_ms = at_ms.filter(|ms| *ms >= TIME_MIN_MS && *ms < TIME_MAX_MS);
  let code = if purchase.currency.bytes().all(|sign| sign.is_ascii_uppercase()) { None } else { Some(purchase.currency.to_uppercase()) };
  let currency = code.as_deref().unwrap_or(&purchase.currency);
  let rate = rate_of(currency);
  let priced = purchase.price >= 0.0 && purchase.price <= PRICE_MAX;
  let problem = match (at_ms, rate, priced) {
    (None, _, _) => BAD_TIME,
    (_, _, false) => BAD_PRICE,
    (_, None, _) => BAD_CURRENCY,
    _ => SOUND,
  };
  let (scale, micros) = rate.unwrap_or((1, 0));
  // From here on whole numbers only: minor units of the currency, and cents of the base currency, rounded half up.
  let minor = if priced { (purchase.price * scale as f64).round() as i64 } else { 0 };
  let per_cent = scale * 10_000;
  let cents = (minor * micros * 2 + per_cent) / (per_cent * 2);
  let at_ms = at_ms.unwrap_or(0);
  let has_event_id = purchase.event_id.as_deref().map_or(false, |id| !id.is_empty());
  let made_id = if has_event_id { String::new() } else { format!("{}/{}/{}", purchase.player_id, purchase.item_id, at_ms) };
  // In the order of TITLE, PLAYER, ITEM, CURRENCY, ADDRESS, REGION, EVENT, RECEIPT.
  let parts: [&str; 8] = [
    clip(purchase.title_id.as_deref().filter(|title| !title.is_empty()).unwrap_or("local")),
    clip(&purchase.player_id),
    clip(&purchase.item_id),
    clip(currency),
    clip(purchase.ip_address.as_deref().unwrap_or("")),
    clip(purchase.region.as_deref().unwrap_or("")),
    clip(if has_event_id { purchase.event_id.as_deref().unwrap_or("") } else { &made_id }),
    clip(purchase.transaction_id.as_deref().unwrap_or("")),
  ];
  let mut head = [0_u8; 16];
  let mut bytes = 16;
  for (at, part) in parts.iter().enumerate() {
    head[at * 2] = (part.len() & 127) as u8;
    head[at * 2 + 1] = (part.len() >> 7) as u8;
    bytes += part.len();
  }
  let mut names = String::with_capacity(bytes);
  names.push_str(std::str::from_utf8(&head).unwrap_or(""));
  for part in &parts {
    names.push_str(part);
  }
  let (shard, seq) = purchase.feed.map_or((u32::MAX, 0), |feed| (feed.shard, feed.seq));
  Ok(Sale {
    names,
    has_event_id,
    refund: purchase.transaction_type.as_deref() == Some("refund"),
    cents,
    minor,
    at_ms,
    problem,
    correction: String::new(),
    copies: 1,
    shard,
    seq,
  })
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

// The time as the edge writes it, 2024-11-12T10:00:00.250Z, is read without a look at every other way to write one.
fn plain_ms(text: &str) -> Option<i64> {
  let bytes: &[u8; 24] = match text.as_bytes().try_into() {
    Ok(bytes) => bytes,
    Err(_) => return None,
  };
  let signs = bytes[4] == b'-' && bytes[7] == b'-' && bytes[10] == b'T' && bytes[13] == b':' && bytes[16] == b':' && bytes[19] == b'.' && bytes[23] == b'Z';
  const DIGITS: [usize; 17] = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22];
  let mut d = [0_i64; 17];
  let mut wrong = !signs;
  for (digit, at) in d.iter_mut().zip(DIGITS.iter()) {
    let value = bytes[*at].wrapping_sub(b'0');
    wrong |= value > 9;
    *digit = i64::from(value);
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
  Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + d[14] * 100 + d[15] * 10 + d[16])
}

// begin epoch-ms
// ISO 8601 with a zone, such as 2024-11-12T10:00:00.250+01:00, to epoch milliseconds.
fn epoch_ms(text: &str) -> Option<i64> {
  fn number(text: &[u8], from: usize, digits: usize) -> Option<i64> {
    let mut value = 0;
    for digit in text.get(from..from + digits)? {
      if !digit.is_ascii_digit() {
        return None;
      }
      value = value * 10 + i64::from(digit - b'0');
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
        milli = milli * 10 + if place < digits { i64::from(bytes[20 + place] - b'0') } else { 0 };
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
  Some((((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second) * 1000 + milli)
}
// end epoch-ms

// begin currency-rates
// Minor units in a unit of a currency, and millionths of a US dollar for the unit.
fn rate_of(currency: &str) -> Option<(i64, i64)> {
  Some(match currency {
    "USD" => (100, 1_000_000),
    "EUR" => (100, 1_080_000),
    "GBP" => (100, 1_270_000),
    "JPY" => (1, 6_600),
    "CNY" => (100, 138_000),
    "KRW" => (1, 720),
    "INR" => (100, 11_900),
    "BRL" => (100, 175_000),
    "CAD" => (100, 715_000),
    "AUD" => (100, 655_000),
    "CHF" => (100, 1_130_000),
    "SEK" => (100, 93_000),
    "NOK" => (100, 91_000),
    "PLN" => (100, 250_000),
    "MXN" => (100, 50_000),
    "TRY" => (100, 29_000),
    _ => return None,
  })
}
// end currency-rates
