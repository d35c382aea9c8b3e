//! Objects from a tape of choices: the same tape gives the same object, and a shorter tape a simpler one, so that a
//! failure shrinks.

use std::ops::Range;

use trailhouse_core::Day;
use trailhouse_schemas::{CLOUDTRAIL, Origin};

use super::harness::{Input, gzip};

/// Records of one document at most.
const RECORDS_MAX: usize = 6;
/// Members of one object at most.
const MEMBERS_MAX: usize = 12;
/// Values inside one another, beside those that are nested on purpose.
const DEPTH_MAX: usize = 4;

/// What is read off a tape; behind its end every choice is the first.
#[derive(Debug)]
pub(crate) struct Choices<'a> {
    tape: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(crate) fn new(tape: &'a [u8]) -> Self {
        Self { tape }
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let Some((first, rest)) = self.tape.split_first() else { return 0 };
        let (mut number, mut tape) = (usize::from(*first), rest);
        if bound > 256 {
            let Some((second, rest)) = tape.split_first() else { return 0 };
            (number, tape) = (number << 8 | usize::from(*second), rest);
        }
        self.tape = tape;
        number % bound
    }

    pub(crate) fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    /// True once in `rarity` times.
    pub(crate) fn rarely(&mut self, rarity: usize) -> bool {
        self.below(rarity) == rarity - 1
    }
}

/// The object of `tape`, number `number` of a plan.
pub(crate) fn input(number: usize, tape: &[u8]) -> Input {
    let mut choices = Choices::new(tape);
    let mut json = documents(&mut choices);
    if choices.rarely(3) {
        break_one_byte(&mut choices, &mut json);
    }
    let stored = match choices.below(4) {
        0 | 1 => gzip(&json),
        2 => json,
        _ => {
            let cut = choices.below(json.len() + 1);
            [gzip(&json[..cut]), gzip(&json[cut..])].concat()
        }
    };
    let mut input = Input::new(number, stored);
    if choices.rarely(4) {
        input.object.key.account = None;
        input.object.key.region = None;
        input.object.key.day = None;
        input.object.modified = Day(20_000);
    }
    input
}

fn break_one_byte(choices: &mut Choices<'_>, json: &mut Vec<u8>) {
    const BYTES: &[u8] = b"\"\\{}[],: \n0-.eEut/\0\x0c\x1f\x7f\x80\xc3\xed\xff";
    if json.is_empty() {
        return;
    }
    let at = choices.below(json.len());
    let byte = BYTES[choices.below(BYTES.len())];
    match choices.below(4) {
        0 => json[at] = byte,
        1 => json.insert(at, byte),
        2 => drop(json.remove(at)),
        _ => json.truncate(at),
    }
}

fn documents(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut text = String::new();
    let count = if choices.rarely(6) { choices.below(4) } else { 1 };
    for _ in 0..count {
        blank(choices, &mut text);
        match choices.below(5) {
            0 => array(choices, &mut text),
            _ => envelope(choices, &mut text),
        }
        blank(choices, &mut text);
    }
    text.into_bytes()
}

fn envelope(choices: &mut Choices<'_>, text: &mut String) {
    text.push('{');
    let count = if choices.rarely(5) { choices.below(4) } else { 1 };
    for member in 0..count {
        text.push_str(if member > 0 { "," } else { "" });
        blank(choices, text);
        let is_records = !choices.rarely(6);
        text.push_str(if is_records { "\"Records\"" } else { choices.pick(&["\"a\"", "\"\"", "\"R\\u0065cords\""]) });
        blank(choices, text);
        text.push(':');
        blank(choices, text);
        if is_records {
            array(choices, text)
        } else {
            value(choices, text, DEPTH_MAX)
        }
        blank(choices, text);
    }
    text.push('}');
}

/// An array of records.
fn array(choices: &mut Choices<'_>, text: &mut String) {
    text.push('[');
    for record in 0..choices.below(RECORDS_MAX) {
        text.push_str(if record > 0 { "," } else { "" });
        blank(choices, text);
        if choices.rarely(20) {
            value(choices, text, DEPTH_MAX)
        } else {
            object(choices, text, "", 0)
        }
        blank(choices, text);
    }
    text.push(']');
}

/// An object of the record at `path`, whose members are mostly those that columns take.
fn object(choices: &mut Choices<'_>, text: &mut String, path: &str, depth: usize) {
    let keys = keys_below(path);
    text.push('{');
    for member in 0..choices.below(MEMBERS_MAX) {
        text.push_str(if member > 0 { "," } else { "" });
        blank(choices, text);
        let known = (!choices.rarely(5)).then(|| keys[choices.below(keys.len())]);
        key(choices, text, known);
        blank(choices, text);
        text.push(':');
        blank(choices, text);
        let inner = known.map(|key| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") });
        match inner {
            Some(inner) if !keys_below(&inner).is_empty() && !choices.rarely(6) => {
                object(choices, text, &inner, depth + 1);
            }
            Some(inner) => fitting(choices, text, &inner, depth),
            None => value(choices, text, depth),
        }
        blank(choices, text);
    }
    text.push('}');
}

/// The keys that columns name right below `path`.
fn keys_below(path: &str) -> Vec<&'static str> {
    let mut keys = Vec::new();
    for column in CLOUDTRAIL.columns {
        let Origin::Field(field) = column.origin else { continue };
        let below = if path.is_empty() {
            Some(field)
        } else {
            field.strip_prefix(path).and_then(|rest| rest.strip_prefix('.'))
        };
        let Some(key) = below.and_then(|below| below.split('.').next()) else { continue };
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

pub(crate) fn key(choices: &mut Choices<'_>, text: &mut String, known: Option<&str>) {
    const UNKNOWN: [&str; 9] = [
        "\"unknown\"",
        "\"\"",
        "\"eventId2\"",
        "\"event\"",
        "\"EVENTID\"",
        "\"\\ud800\"",
        "\"userIdentity.type\"",
        "\"é\\\"\"",
        "\"a\\u0000\"",
    ];
    let Some(known) = known else { return text.push_str(choices.pick(&UNKNOWN)) };
    let escaped = if choices.rarely(8) { choices.below(known.len()) } else { known.len() };
    text.push('"');
    for (at, letter) in known.chars().enumerate() {
        if at == escaped {
            text.push_str(&format!("\\u{:04x}", letter as u32));
        } else {
            text.push(letter);
        }
    }
    text.push('"');
}

/// A value that the column of `path` mostly takes.
fn fitting(choices: &mut Choices<'_>, text: &mut String, path: &str, depth: usize) {
    const TIMES: [&str; 14] = [
        "2026-03-04T05:06:07Z",
        "2026-03-03T23:59:59Z",
        "2026-03-05T00:00:00.001Z",
        "2026-03-09T00:00:00Z",
        "20260304T050607Z",
        "2026-03-04T05:06:07.1234567Z",
        "2026-03-04T05:06:07+14:00",
        "2026-03-04T05:06:07.120Z",
        "9999-12-31T23:59:59Z",
        "1999-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-03-04",
        "2026-03-04 05:06:07Z",
        "2026-03-04T05:06:07\\u005a",
    ];
    const ACCOUNTS: [&str; 5] = ["111122223333", "444455556666", "777788889999", "12345", "../../000000"];
    if choices.rarely(5) {
        return value(choices, text, depth);
    }
    let is_truth = matches!(path, "readOnly" | "managementEvent");
    let chosen = match path {
        "readOnly" | "managementEvent" => choices.pick(&["true", "false", "null"]),
        "eventTime" | "timeWindow.windowStart" | "timeWindow.windowEnd" => choices.pick(&TIMES),
        "recipientAccountId" | "accountId" => choices.pick(&ACCOUNTS),
        _ => return string(choices, text),
    };
    let quote = if is_truth { "" } else { "\"" };
    text.push_str(&format!("{quote}{chosen}{quote}"));
}

/// Any value.
pub(crate) fn value(choices: &mut Choices<'_>, text: &mut String, depth: usize) {
    const NUMBERS: [&str; 14] = [
        "0",
        "-0",
        "1",
        "-1",
        "12345678901234567890123",
        "0.5",
        "-0.25e+10",
        "1E400",
        "1e-7",
        "01",
        "1.",
        "-",
        "+1",
        ".5",
    ];
    match choices.below(12) {
        0 | 1 => string(choices, text),
        2 => text.push_str(NUMBERS[choices.below(10)]),
        3 => text.push_str(choices.pick(&["true", "false"])),
        4 | 5 => text.push_str("null"),
        6 | 7 if depth < DEPTH_MAX => {
            text.push('[');
            for item in 0..choices.below(4) {
                text.push_str(if item > 0 { "," } else { "" });
                blank(choices, text);
                value(choices, text, depth + 1);
                blank(choices, text);
            }
            text.push(']');
        }
        8 | 9 if depth < DEPTH_MAX => object(choices, text, "userIdentity", depth + 1),
        10 if choices.rarely(6) => {
            // Around the bound, counted with what is around it.
            let levels = 118 + choices.below(14);
            text.push_str(&"[".repeat(levels));
            text.push_str(&"]".repeat(levels));
        }
        11 if choices.rarely(8) => text.push_str(NUMBERS[choices.below(14)]),
        _ => text.push_str("{}"),
    }
}

pub(crate) fn string(choices: &mut Choices<'_>, text: &mut String) {
    const PIECES: [&str; 26] = [
        "",
        "a",
        "Console",
        " ",
        "/",
        "\\/",
        "\\\\",
        "\\\"",
        "\\n",
        "\\t\\r\\b\\f",
        "\\u0041",
        "\\u00e9",
        "\\u20AC",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\ude00",
        "\\u0000",
        "é",
        "€",
        "😀",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
    ];
    text.push('"');
    for _ in 0..choices.below(5) {
        text.push_str(choices.pick(&PIECES));
    }
    if choices.rarely(12) {
        // Longer than any vector of the machine, and of every length.
        text.push_str(&"x".repeat(choices.below(200)));
    }
    text.push('"');
}

pub(crate) fn blank(choices: &mut Choices<'_>, text: &mut String) {
    const BLANKS: [&str; 16] = ["", "", "", "", "", "", "", "", "", "", " ", "\n", "\t", "\r\n", "  ", " \t\r\n "];
    text.push_str(choices.pick(&BLANKS));
    if choices.rarely(100) {
        text.push_str(&" ".repeat(choices.below(130)));
    }
}

/// Bytes that look like chance and are the same every time.
pub(crate) fn tape(seed: u64, length: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    (0..length).map(|_| (random.next() >> 32) as u8).collect()
}

/// A small generator of random numbers (SplitMix64).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `range`.
    pub(crate) fn within(&mut self, range: Range<usize>) -> usize {
        range.start + (self.next() % range.len() as u64) as usize
    }
}

/// Some objects of any shape.
pub(crate) fn inputs(seed: u64, count: usize) -> Vec<Input> {
    let mut random = Random::new(seed);
    (0..count)
        .map(|number| {
            let length = random.within(0..3000);
            input(number, &tape(random.next(), length))
        })
        .collect()
}
