// The rules, where the topic of rules tells otherwise than what is built in, and whom none of them looks at.
struct Rules {
  all: Vec<Rule>,
  players: String,
  addresses: String,
}
fn mode_of(text: &str) -> &'static str {
  match text {
    "flag" => "flag",
    "shadow" => "shadow",
    _ => "off",
  }
}
fn severity_of(text: &str) -> &'static str {
  match text {
    "high" => "high",
    "medium" => "medium",
    _ => "low",
  }
}
fn changed_rules() -> Result<Option<Rules>> {
  if fraud_rules().is_empty() {
    return Ok(None);
  }
  let mut rules = Rules { all: RULES.to_vec(), players: ALLOWED_PLAYERS.to_string(), addresses: ALLOWED_ADDRESSES.to_string() };
  let table = sql("select * from fraud_rules")?;
  let texts = table.schema(["_key", "mode", "severity", "players", "addresses"])?;
  let counts = table.schema(["version", "count_min", "count_any_min", "per_account_min"])?;
  let sizes = table.schema(["window_ms", "small_cents", "large_cents", "gap_ms"])?;
  let shares = table.schema(["score", "speed_kmh", "distance_km", "share_min"])?;
  let rows = table.rows()?;
  while rows.next() {
    let key = rows.str(&texts[0])?;
    if let Some(rule) = rules.all.iter_mut().find(|rule| rule.name == key) {
      *rule = Rule {
        name: rule.name,
        version: rows.u32(&counts[0])?,
        mode: mode_of(&rows.str(&texts[1])?),
        severity: severity_of(&rows.str(&texts[2])?),
        score: rows.f64(&shares[0])?,
        window_ms: rows.i64(&sizes[0])?,
        count_min: rows.u32(&counts[1])? as usize,
        count_any_min: rows.u32(&counts[2])? as usize,
        small_cents: rows.i64(&sizes[1])?,
        large_cents: rows.i64(&sizes[2])?,
        speed_kmh: rows.f64(&shares[1])?,
        distance_km: rows.f64(&shares[2])?,
        gap_ms: rows.i64(&sizes[3])?,
        per_account_min: rows.u32(&counts[3])? as usize,
        share_min: rows.f64(&shares[3])?,
      };
      rules.players = rows.str(&texts[3])?;
      rules.addresses = rows.str(&texts[4])?;
    }
  }
  Ok(Some(rules))
}
fn is_listed(lines: &str, name: &str) -> bool {
  !lines.is_empty() && lines.split('\n').any(|line| line == name)
}
