//! Identities, all of them the beginning of a SHA-256, written in lower-case hexadecimal.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// Text that is no identity of the kind asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {digits} hexadecimal digits")]
pub struct NotAnId {
    text: String,
    digits: usize,
}

macro_rules! hexadecimal_id {
    ($(#[$about:meta])* $name:ident, $bytes:literal) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                bytes_of(text).map(Self).ok_or_else(|| NotAnId { text: text.to_owned(), digits: 2 * $bytes })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Borrowed where the text has no escapes, which is always in what Trailhouse writes.
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hexadecimal_id! {
    /// A source object: the hash of its address and its content.
    SourceId, 16
}
hexadecimal_id! {
    /// A group of a plan: the hash of the settings and the group's objects.
    GroupId, 16
}
hexadecimal_id! {
    /// A planner, which knows its own plans by it.
    PlannerId, 16
}
hexadecimal_id! {
    /// The SHA-256 of an object's stored bytes.
    ContentHash, 32
}

impl SourceId {
    /// The identity of the object at `address`, whose content `content` tells apart from all others: the SHA-256 of its
    /// stored bytes, or its ETag without quotes.
    pub fn of(address: &str, content: &str) -> Self {
        Self(first_half(&hash_of([address.as_bytes(), content.as_bytes()])))
    }
}

impl ContentHash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl PlannerId {
    /// An identity that no other planner has.
    ///
    /// The standard library seeds each `RandomState` from the system's random numbers; time and process stand in case
    /// two machines should ever draw alike.
    pub fn random() -> Self {
        let draw = || RandomState::new().build_hasher().finish().to_le_bytes();
        let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_nanos());
        let parts = [&draw()[..], &draw()[..], &now.to_le_bytes()[..], &std::process::id().to_le_bytes()[..]];
        Self(first_half(&hash_of(parts)))
    }
}

/// The hash of `parts` with a NUL between each two.
pub(crate) fn hash_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            hasher.update([0]);
        }
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The first 16 of 32 bytes.
pub(crate) fn first_half(hash: &[u8; 32]) -> [u8; 16] {
    std::array::from_fn(|index| hash[index])
}

fn bytes_of<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * BYTES {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = SourceId::of("AWSLogs/a", &ContentHash::of(b"content").to_string());
        assert_eq!(id.to_string().len(), 32);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::from_str::<SourceId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        for bad in ["", "0", "zz", &"0".repeat(31), &"A".repeat(32)] {
            assert!(bad.parse::<SourceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn address_and_content_cannot_trade_places() {
        assert_ne!(SourceId::of("ab", "c"), SourceId::of("a", "bc"));
        assert_ne!(SourceId::of("a", "1"), SourceId::of("a", "2"));
    }

    #[test]
    fn the_identity_of_an_object_never_changes() {
        // Rows in lakes that exist carry it.
        let hash = ContentHash::of(b"");
        assert_eq!(hash.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(SourceId::of("AWSLogs/x", &hash.to_string()).to_string(), "7e58b84c1124835a7b318f769d0a1fab");
    }

    #[test]
    fn planners_differ() {
        assert_ne!(PlannerId::random(), PlannerId::random());
    }
}
