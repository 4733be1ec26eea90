// What is wrong with a sale, its minor units and its cents: by the rates built in, where the topic of rates has not
// said otherwise.
fn settle(names: &str, price: f64, (problem, minor, cents): (u8, i64, i64)) -> Result<(u8, i64, i64)> {
  const BAD_CURRENCY: u8 = 3;
  if rates().is_empty() || (problem != 0 && problem != BAD_CURRENCY) {
    return Ok((problem, minor, cents));
  }
  let table = sql(&format!("select scale, micros from rates where _key = '{}'", name(names, CURRENCY).replace('\'', "''")))?;
  let columns = table.schema(["scale", "micros"])?;
  let rows = table.rows()?;
  if !rows.next() {
    return Ok((problem, minor, cents));
  }
  let (scale, micros) = (rows.i64(&columns[0])?, rows.i64(&columns[1])?);
  if micros == 0 {
    return Ok((BAD_CURRENCY, minor, cents));
  }
  let minor = (price * scale as f64).round() as i64;
  let per_cent = scale * 10_000;
  Ok((0, minor, (minor * micros * 2 + per_cent) / (per_cent * 2)))
}
