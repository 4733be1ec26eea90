use crate::bindings::arenaflow::event_time::types::{Purchase, Sale};
use crate::epoch_ms::{event_ms, BELIEVED_MS};
use crate::names::pack_names;
use sdfg::sdf;
use sdfg::Result;

const SOUND: u8 = 0;
const BAD_TIME: u8 = 1;
const BAD_PRICE: u8 = 2;
const BAD_CURRENCY: u8 = 3;
// Above it, in units of any currency, the price is in the wrong unit.
const PRICE_MAX: f64 = 1_000_000.0;

/// The record as a sale in the base currency; `problem` says why it is none. It never fails: what makes no
/// sense goes on, so that it can be counted.
#[sdf(fn_name = "read-purchase")]
pub(crate) fn read_purchase(purchase: Purchase) -> Result<Sale> {
  let at_ms = event_ms(&purchase.purchase_timestamp, purchase.received_at).filter(|ms| BELIEVED_MS.contains(ms));
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
  let (scale, micros) = rate.unwrap_or((100, 0));
  // From here on whole numbers only: minor units of the currency, and cents of the base currency, rounded half up.
  let minor = if priced { (purchase.price * scale as f64).round() as i64 } else { 0 };
  let per_cent = scale * 10_000;
  let cents = (minor * micros * 2 + per_cent) / (per_cent * 2);
  let at_ms = at_ms.unwrap_or(0);
  let has_event_id = purchase.event_id.as_deref().map_or(false, |id| !id.is_empty());
  let made_id = if has_event_id { String::new() } else { format!("{}/{}/{}", purchase.player_id, purchase.item_id, at_ms) };
  let names = pack_names([
    purchase.title_id.as_deref().filter(|title| !title.is_empty()).unwrap_or("local"),
    &purchase.player_id,
    &purchase.item_id,
    currency,
    purchase.ip_address.as_deref().unwrap_or(""),
    purchase.region.as_deref().unwrap_or(""),
    if has_event_id { purchase.event_id.as_deref().unwrap_or("") } else { &made_id },
    purchase.transaction_id.as_deref().unwrap_or(""),
  ]);
  let (shard, seq) = purchase.feed.map_or((u32::MAX, 0), |feed| (feed.shard, feed.seq));
  Ok(Sale {
    names,
    has_event_id,
    refund: purchase.transaction_type.as_deref() == Some("refund"),
    price: purchase.price,
    cents,
    minor,
    at_ms,
    received_ms: purchase.received_at.unwrap_or(i64::MAX),
    problem,
    correction: String::new(),
    copies: 1,
    shard,
    seq,
  })
}

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
