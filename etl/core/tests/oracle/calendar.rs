//! Times, by counting days.

const DAY_MILLIS: i64 = 86_400_000;

/// The milliseconds since 1970 of `2026-01-31T23:59:59Z`, with a fraction or an offset if need be, or of the same in
/// ISO 8601 basic, `20260131T235959Z`.
pub(crate) fn millis(text: &str) -> Option<i64> {
    let (day, clock, rest) = fields(text)?;
    let millis = day * DAY_MILLIS + clock;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(rest) => {
            let count = rest.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&count) {
                return None;
            }
            (number(&format!("{:0<3}", &rest[..count])[..3])?, &rest[count..])
        }
    };
    let instant = millis + fraction - offset(zone)?;
    is_instant(instant).then_some(instant)
}

/// Whether so many milliseconds since 1970 are between the years 1 and 9999.
pub(crate) fn is_instant(millis: i64) -> bool {
    let (first, last) = (days(1, 1, 1).unwrap(), days(9999, 12, 31).unwrap());
    (first * DAY_MILLIS..(last + 1) * DAY_MILLIS).contains(&millis)
}

/// The one text that an instant has: `2026-01-31T23:59:59Z`, with `.123` where the milliseconds are not 0.
pub(crate) fn text(millis: i64) -> String {
    let (year, month, day) = date(millis.div_euclid(DAY_MILLIS));
    let in_day = millis.rem_euclid(DAY_MILLIS);
    let (seconds, fraction) = (in_day / 1000, in_day % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Day, milliseconds in it, and what stands behind the seconds.
fn fields(text: &str) -> Option<(i64, i64, &str)> {
    let shape = |pattern: &str| {
        let is_like = |(byte, like): (u8, u8)| if like == b'0' { byte.is_ascii_digit() } else { byte == like };
        text.len() >= pattern.len() && text.bytes().zip(pattern.bytes()).all(is_like)
    };
    let (digits, rest) = if shape("0000-00-00T00:00:00") {
        text.split_at(19)
    } else if shape("00000000T000000") {
        text.split_at(15)
    } else {
        return None;
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let field = |from: usize, to: usize| number(&digits[from..to]);
    let (hour, minute, second) = (field(8, 10)?, field(10, 12)?, field(12, 14)?);
    let is_clock = hour < 24 && minute < 60 && second < 60;
    let day = days(field(0, 4)?, field(4, 6)?, field(6, 8)?)?;
    is_clock.then_some((day, ((hour * 60 + minute) * 60 + second) * 1000, rest))
}

/// Milliseconds ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (zone.len() == 6 && hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

fn number(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

fn year_days(year: i64) -> i64 {
    if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 }
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 => year_days(year) - 337,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date between the years 1 and 9999.
pub(crate) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=month_days(year, month)).contains(&day) {
        return None;
    }
    let years: i64 =
        if year >= 1970 { (1970..year).map(year_days).sum() } else { -(year..1970).map(year_days).sum::<i64>() };
    let months: i64 = (1..month).map(|month| month_days(year, month)).sum();
    Some(years + months + day - 1)
}

/// The date of a day.
pub(crate) fn date(mut day: i64) -> (i64, i64, i64) {
    let mut year = 1970;
    while day < 0 {
        year -= 1;
        day += year_days(year);
    }
    while day >= year_days(year) {
        day -= year_days(year);
        year += 1;
    }
    let mut month = 1;
    while day >= month_days(year, month) {
        day -= month_days(year, month);
        month += 1;
    }
    (year, month, day + 1)
}
