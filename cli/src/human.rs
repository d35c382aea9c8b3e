//! Numbers for people.

use std::time::Duration;

/// `1234567` as `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and its noun: `1 object`, `2 objects`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// `4_900_000` as `4.9 MB`, in powers of a thousand.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let (mut value, mut unit) = (number as f64, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{number} B"),
        _ if value < 99.95 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// `83.2` seconds as `1 min 23 s`, and less than one in milliseconds.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let counts = [0, 12, 999, 1000, 30_477, 1_234_567].map(count);
        assert_eq!(counts, ["0", "12", "999", "1,000", "30,477", "1,234,567"]);
        let sizes = [0, 999, 1000, 4_900_000, 99_960_000, 999_600, 3 << 30].map(bytes);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "4.9 MB", "100 MB", "1.0 MB", "3.2 GB"]);
        let times = [0.04, 9.96, 59.9, 83.2, 3720.0].map(|seconds| duration(Duration::from_secs_f64(seconds)));
        assert_eq!(times, ["40 ms", "10.0 s", "59 s", "1 min 23 s", "1 h 2 min"]);
    }
}
