// Epoch milliseconds as ISO 8601 in UTC; milliseconds only where there are any.
fn iso_time(ms: i64) -> String {
  let (days, in_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
  // Years that begin in March, so that leap days come last; in eras of 400.
  let shifted = days + 719_468;
  let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
  let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
  let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  let march_month = (5 * day_of_year + 2) / 153;
  let day = day_of_year - (153 * march_month + 2) / 5 + 1;
  let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
  let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
  let (hour, minute, second, milli) = (in_day / 3_600_000, in_day / 60_000 % 60, in_day / 1000 % 60, in_day % 1000);
  let date = format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", year, month, day, hour, minute, second);
  if milli == 0 { format!("{}Z", date) } else { format!("{}.{:03}Z", date, milli) }
}
