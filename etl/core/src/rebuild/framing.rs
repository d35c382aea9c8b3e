//! How records stand in an object.

use crate::format::Format;

/// How records stand in an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Framing {
    /// The object's format.
    pub format: Format,
    /// The log stream that the folder of an export task is named after; empty in other formats.
    pub stream: String,
}

impl Framing {
    /// That of `format`.
    pub const fn new(format: Format) -> Self {
        Self { format, stream: String::new() }
    }

    /// What an object begins with.
    pub const fn opening(&self) -> &'static str {
        if self.is_array() { "{\"Records\":[\n" } else { "" }
    }

    /// What stands between one record and the next.
    pub const fn between(&self) -> &'static str {
        if self.is_array() { ",\n" } else { "\n" }
    }

    /// What an object ends with.
    pub const fn closing(&self) -> &'static str {
        if self.is_array() { "\n]}" } else { "\n" }
    }

    const fn is_array(&self) -> bool {
        matches!(self.format, Format::CloudTrail | Format::Insights)
    }
}
