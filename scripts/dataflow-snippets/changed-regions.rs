// Where a region lies and what is paid in there; none of a region that nobody has told of. As built in, where the topic of
// regions has not said otherwise.
struct Home {
  north: f64,
  east: f64,
  currencies: String,
}
fn changed_home(region: &str) -> Result<Option<Option<Home>>> {
  if regions().is_empty() {
    return Ok(None);
  }
  let table = sql(&format!("select latitude, longitude, currencies, removed from regions where _key = '{}'", region.replace('\'', "''")))?;
  let columns = table.schema(["latitude", "longitude", "currencies", "removed"])?;
  let rows = table.rows()?;
  if !rows.next() {
    return Ok(None);
  }
  if rows.bool(&columns[3])? {
    return Ok(Some(None));
  }
  let home = Home { north: rows.f64(&columns[0])?, east: rows.f64(&columns[1])?, currencies: rows.str(&columns[2])? };
  Ok(Some(Some(home)))
}
fn place_of(region: &str) -> Result<Option<(f64, f64)>> {
  Ok(match changed_home(region)? {
    Some(home) => home.map(|home| (home.north, home.east)),
    None => REGIONS.iter().find(|known| known.0 == region).map(|known| (known.1, known.2)),
  })
}
// Whether a currency is not used in a region.
fn pays_elsewhere(region: &str, currency: &str) -> Result<bool> {
  Ok(match changed_home(region)? {
    Some(home) => home.map_or(false, |home| home.currencies.lines().all(|code| code != currency)),
    None => REGIONS.iter().find(|known| known.0 == region).map_or(false, |known| !known.3.contains(&currency)),
  })
}
// Whole kilometres of the great circle between regions; 0 where one is not known.
fn kilometres(from: &str, to: &str) -> Result<f64> {
  const EARTH_RADIUS_KM: f64 = 6371.0;
  let (from, to) = match (place_of(from)?, place_of(to)?) {
    (Some(from), Some(to)) => (from, to),
    _ => return Ok(0.0),
  };
  let half = ((to.0 - from.0).to_radians() / 2.0).sin().powi(2);
  let across = ((to.1 - from.1).to_radians() / 2.0).sin().powi(2);
  let angle = 2.0 * (half + from.0.to_radians().cos() * to.0.to_radians().cos() * across).sqrt().asin();
  Ok((EARTH_RADIUS_KM * angle).round())
}
