// The currency's code, the price in its minor unit, and in cents of the base currency, rounded half up.
fn amount_of(price: f64, currency: &str) -> Result<(String, i128, i64)> {
  let code = currency.to_uppercase();
  let (decimals, micros) = match RATES.iter().find(|rate| rate.0 == code) {
    Some(rate) => (rate.1, rate.2),
    None => return Err(sdfg::anyhow::anyhow!("no rate for currency {:?}", currency)),
  };
  if !(price >= 0.0 && price <= 1.0e12) {
    return Err(sdfg::anyhow::anyhow!("price {} is not an amount", price));
  }
  // From here on whole numbers only.
  let scale = 10_i128.pow(decimals);
  let minor = (price * scale as f64).round() as i128;
  let per_cent = scale * 10_000;
  Ok((code, minor, ((minor * micros * 2 + per_cent) / (per_cent * 2)) as i64))
}
