//! Days and instants of the proleptic Gregorian calendar in UTC.

use std::fmt::{self, Write};

/// Milliseconds of one day.
const DAY_MILLIS: i64 = 86_400_000;
/// The first year that a time column takes, and the last.
const YEARS: std::ops::RangeInclusive<i64> = 1..=9999;

/// A day in UTC: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);

impl Day {
    /// 2006-01-01: no log of AWS is older.
    pub const FIRST: Self = Self(13_149);
    /// 2099-12-31: a log that says it is younger is wrong.
    pub const LAST: Self = Self(47_481);

    /// The day that holds the instant `millis` after the start of 1970.
    pub fn of_millis(millis: i64) -> Self {
        let days = millis.div_euclid(DAY_MILLIS);
        Self(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// The day of a date, or `None` where the calendar has no such day.
    pub fn of_date(year: i64, month: i64, day: i64) -> Option<Self> {
        if !YEARS.contains(&year) || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        i32::try_from(days_from_civil(year, month, day)).ok().map(Self)
    }

    /// Year, month and day.
    pub fn date(self) -> (i64, i64, i64) {
        civil_from_days(i64::from(self.0))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counting years from March so that a leap day is a year's last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// An instant as text gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    /// Milliseconds since the start of 1970.
    pub millis: i64,
    /// Whether the text is the one that `millis` would be written as.
    pub canonical: bool,
}

/// Whether a time column takes the instant `millis` after the start of 1970.
pub fn is_instant(millis: i64) -> bool {
    YEARS.contains(&Day::of_millis(millis).date().0)
}

/// Writes the instant `millis` after the start of 1970 in the one form that is canonical: `2026-01-31T23:59:59Z`, with
/// `.123` where the milliseconds are not 0.
pub(crate) fn write_canonical(out: &mut String, millis: i64) {
    let fraction = millis.rem_euclid(1000);
    write_whole(out, millis);
    if fraction != 0 {
        let _ = write!(out, ".{fraction:03}");
    }
    out.push('Z');
}

/// Writes it as an export task of CloudWatch Logs does: always with its milliseconds.
pub(crate) fn write_with_millis(out: &mut String, millis: i64) {
    write_whole(out, millis);
    let _ = write!(out, ".{:03}Z", millis.rem_euclid(1000));
}

/// `2026-01-31T23:59:59`. Writing into a string cannot fail.
fn write_whole(out: &mut String, millis: i64) {
    let seconds = millis.rem_euclid(DAY_MILLIS) / 1000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let _ = write!(out, "{}T{hour:02}:{minute:02}:{second:02}", Day::of_millis(millis));
}

/// Reads times; remembers the last date, since neighbours mostly share it.
#[derive(Debug, Default)]
pub struct InstantReader {
    last_date: [u8; 10],
    last_start: i64,
}

impl InstantReader {
    /// Reads `2026-01-31T23:59:59Z`, with a fraction or an offset if need be, or ISO 8601 basic `20260131T235959Z`.
    #[inline]
    pub fn read(&mut self, text: &[u8]) -> Option<Instant> {
        if let Ok(canonical) = <&[u8; 20]>::try_from(text)
            && let Some(millis) = self.read_canonical(canonical)
        {
            return Some(Instant { millis, canonical: true });
        }
        read_lenient(text)
    }

    fn read_canonical(&mut self, text: &[u8; 20]) -> Option<i64> {
        if text[10] != b'T' || text[13] != b':' || text[16] != b':' || text[19] != b'Z' {
            return None;
        }
        let (date, _) = text.split_first_chunk::<10>()?;
        if *date != self.last_date {
            self.last_start = date_start(date)?;
            self.last_date = *date;
        }
        let (hour, minute, second) = (two(&text[11..13])?, two(&text[14..16])?, two(&text[17..19])?);
        (hour < 24 && minute < 60 && second < 60).then(|| self.last_start + ((hour * 60 + minute) * 60 + second) * 1000)
    }
}

/// Milliseconds at the start of `2026-01-31`.
fn date_start(date: &[u8; 10]) -> Option<i64> {
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let year = two(&date[..2])? * 100 + two(&date[2..4])?;
    let day = Day::of_date(year, two(&date[5..7])?, two(&date[8..10])?)?;
    Some(i64::from(day.0) * DAY_MILLIS)
}

/// The number that two digits write.
#[inline]
fn two(digits: &[u8]) -> Option<i64> {
    let (tens, ones) = (digits[0].wrapping_sub(b'0'), digits[1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

/// The day of eight digits, such as `20260131`.
pub(crate) fn day_of_digits(digits: &[u8]) -> Option<Day> {
    if digits.len() != 8 {
        return None;
    }
    Day::of_date(two(&digits[..2])? * 100 + two(&digits[2..4])?, two(&digits[4..6])?, two(&digits[6..8])?)
}

/// Every other form that a time column takes.
#[cold]
fn read_lenient(text: &[u8]) -> Option<Instant> {
    let (start, time, extended) = match text.get(4)? {
        b'-' => (date_start(text.first_chunk::<10>()?)?, text.get(10..)?, true),
        _ => (i64::from(day_of_digits(text.get(..8)?)?.0) * DAY_MILLIS, text.get(8..)?, false),
    };
    let (in_day, rest) = clock(time.strip_prefix(b"T")?, extended)?;
    let (fraction, zone) = fraction(rest)?;
    let millis = start + in_day + fraction - offset(zone)?;
    is_instant(millis).then(|| Instant { millis, canonical: is_canonical(text, millis) })
}

/// `23:59:59` or `235959`: milliseconds, and what stands behind.
fn clock(text: &[u8], extended: bool) -> Option<(i64, &[u8])> {
    let (hour, minute, second, length) = if extended {
        let text = text.first_chunk::<8>()?;
        (text[2] == b':' && text[5] == b':').then_some(())?;
        (two(&text[..2])?, two(&text[3..5])?, two(&text[6..8])?, 8)
    } else {
        let text = text.first_chunk::<6>()?;
        (two(&text[..2])?, two(&text[2..4])?, two(&text[4..6])?, 6)
    };
    let valid = hour < 24 && minute < 60 && second < 60;
    valid.then(|| (((hour * 60 + minute) * 60 + second) * 1000, &text[length..]))
}

/// `.123456`, cut to milliseconds, and what stands behind.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = text.strip_prefix(b".") else { return Some((0, text)) };
    let count = digits.iter().take_while(|digit| digit.is_ascii_digit()).count();
    if count == 0 || count > 9 {
        return None;
    }
    let digit = |index: usize| if index < count { i64::from(digits[index] - b'0') } else { 0 };
    Some((digit(0) * 100 + digit(1) * 10 + digit(2), &digits[count..]))
}

/// `Z` or `+01:30`: milliseconds ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    if zone == b"Z" {
        return Some(0);
    }
    let zone = <&[u8; 6]>::try_from(zone).ok()?;
    let (hours, minutes) = (two(&zone[1..3])?, two(&zone[4..6])?);
    if zone[3] != b':' || hours > 23 || minutes > 59 {
        return None;
    }
    let ahead = (hours * 60 + minutes) * 60_000;
    match zone[0] {
        b'+' => Some(ahead),
        b'-' => Some(-ahead),
        _ => None,
    }
}

fn is_canonical(text: &[u8], millis: i64) -> bool {
    let mut written = String::with_capacity(text.len());
    write_canonical(&mut written, millis);
    written.as_bytes() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_reads_back() {
        for days in -719_162..-719_162 + 3 * 146_097 {
            let (year, month, day) = Day(days).date();
            assert_eq!(Day::of_date(year, month, day), Some(Day(days)));
        }
        assert_eq!(Day::FIRST.to_string(), "2006-01-01");
        assert_eq!(Day(0).to_string(), "1970-01-01");
    }

    #[test]
    fn forms_of_time() {
        let read = |text: &str| InstantReader::default().read(text.as_bytes()).map(|at| (at.millis, at.canonical));
        assert_eq!(read("2021-07-29T23:53:26Z"), Some((1_627_602_806_000, true)));
        assert_eq!(read("2021-07-29T23:53:26.120Z"), Some((1_627_602_806_120, true)));
        assert_eq!(read("2021-07-29T23:53:26.000Z"), Some((1_627_602_806_000, false)));
        assert_eq!(read("2021-07-29T23:53:26.1234567Z"), Some((1_627_602_806_123, false)));
        assert_eq!(read("2021-07-30T01:53:26+02:00"), Some((1_627_602_806_000, false)));
        assert_eq!(read("20210729T235326Z"), Some((1_627_602_806_000, false)));
        assert_eq!(read("9999-12-31T23:59:59Z"), Some((253_402_300_799_000, true)));
        for bad in [
            "",
            "2021-02-29T00:00:00Z",
            "2021-07-29T24:00:00Z",
            "2021-07-29 23:53:26Z",
            "0000-01-01T00:00:00Z",
            "2021-07-29T23:53:26",
            "2021-07-29T23:53:26.Z",
            "2O21-07-29T23:53:26Z",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
