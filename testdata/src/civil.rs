//! Days and seconds as CloudTrail writes them.

use std::fmt;
use std::str::FromStr;

/// Seconds of one day.
pub(crate) const DAY_SECONDS: i64 = 86_400;
/// Seconds of one minute.
pub(crate) const MINUTE_SECONDS: i64 = 60;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i64,
}

impl Date {
    /// 9999-12-31: a key has four digits for the year.
    pub(crate) const LAST: Self = Self { days: 2_932_896 };

    /// The day `later` days behind this one.
    pub(crate) fn plus(self, later: u32) -> Self {
        Self { days: self.days + i64::from(later) }
    }

    /// Its first second, since 1970-01-01T00:00:00Z.
    pub(crate) fn start(self) -> i64 {
        self.days * DAY_SECONDS
    }

    /// Year, month and day of month.
    ///
    /// Years are counted from March, so that the leap day is the last of its year; `era` is 400 years.
    pub(crate) fn civil(self) -> (i64, u32, u32) {
        let shifted = self.days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        (era * 400 + year_of_era + i64::from(month <= 2), month as u32, day as u32)
    }

    fn of_civil(year: i64, month: i64, day: i64) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let march_month = (month + 9) % 12;
        let day_of_year = (153 * march_month + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self { days: era * 146_097 + day_of_era - 719_468 }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("`{text}` is no day such as `2026-03-02`");
        let numbers: Vec<i64> = text.split('-').map(str::parse).collect::<Result<_, _>>().map_err(|_| fault())?;
        let &[year, month, day] = numbers.as_slice() else { return Err(fault()) };
        let date = Self::of_civil(year, month, day);
        let is_real = date.civil() == (year, month as u32, day as u32) && (2006..10_000).contains(&year);
        is_real.then_some(date).ok_or_else(fault)
    }
}

/// Appends `2026-03-02T10:11:12Z`.
pub(crate) fn push_instant(seconds: i64, out: &mut Vec<u8>) {
    let (year, month, day) = day_of(seconds).civil();
    let second = seconds.rem_euclid(DAY_SECONDS);
    push_digits(year, 4, out);
    for (mark, number) in [(b'-', i64::from(month)), (b'-', i64::from(day)), (b'T', second / 3600)] {
        out.push(mark);
        push_digits(number, 2, out);
    }
    for number in [second / 60 % 60, second % 60] {
        out.push(b':');
        push_digits(number, 2, out);
    }
    out.push(b'Z');
}

/// Appends `Mar 2, 2026, 10:11:12 AM`, the form in which IAM and STS answer.
pub(crate) fn push_spoken(seconds: i64, out: &mut Vec<u8>) {
    let (year, month, day) = day_of(seconds).civil();
    let second = seconds.rem_euclid(DAY_SECONDS);
    let (hour, half) = (second / 3600, if second < DAY_SECONDS / 2 { "AM" } else { "PM" });
    let month = MONTHS[month as usize - 1];
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    let text = format!("{month} {day}, {year}, {hour}:{:02}:{:02} {half}", second / 60 % 60, second % 60);
    out.extend_from_slice(text.as_bytes());
}

/// The day that `seconds` are of.
pub(crate) fn day_of(seconds: i64) -> Date {
    Date { days: seconds.div_euclid(DAY_SECONDS) }
}

fn push_digits(number: i64, width: u32, out: &mut Vec<u8>) {
    out.extend((0..width).rev().map(|place| b'0' + (number / 10_i64.pow(place) % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(seconds: i64) -> String {
        let mut out = Vec::new();
        push_instant(seconds, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn days_are_read_and_written() {
        for (text, seconds) in [("1970-01-01", 0), ("2024-02-29", 1_709_164_800), ("2026-12-31", 1_798_675_200)] {
            if text != "1970-01-01" {
                assert_eq!(text.parse::<Date>().unwrap().start(), seconds);
            }
            assert_eq!(instant(seconds), format!("{text}T00:00:00Z"));
        }
        assert_eq!("9999-12-31".parse(), Ok(Date::LAST));
        assert_eq!(instant(1_709_251_199), "2024-02-29T23:59:59Z");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-1", "yesterday", "1999-01-01"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn spoken_times_have_twelve_hours() {
        let mut out = Vec::new();
        push_spoken(1_709_164_800, &mut out);
        out.push(b'|');
        push_spoken(1_709_164_800 + 13 * 3600 + 61, &mut out);
        assert_eq!(out, b"Feb 29, 2024, 12:00:00 AM|Feb 29, 2024, 1:01:01 PM");
    }
}
