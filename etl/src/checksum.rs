//! Whether an object that is read once more still is what was planned.
//!
//! The planner hashes every object with SHA-256: that is the object's identity, for all runs. Within the run that hashed it,
//! HighwayHash under a key that nobody knows tells the same at a seventh of the cost. It is made to hold against who chooses
//! the bytes; a checksum that is only fast, as XXH3, is not: two bits can be found that cancel under one seed in sixty.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use highway::{HighwayHash, HighwayHasher, Key};
use sha2::{Digest, Sha256};
use trailhouse_lake::{Content, ContentHash, PlannedObject, SourceId};

/// The key of one run's checksums.
#[derive(Clone, Copy)]
pub(crate) struct ChecksumKey([u64; 4]);

/// The checksum of all stored bytes of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checksum([u64; 2]);

/// What a run has seen of the objects that it plans.
pub(crate) struct Checksums {
    key: ChecksumKey,
    seen: HashMap<SourceId, Checksum>,
}

/// Makes both hashes of an object on its way into a plan.
pub(crate) struct Hasher {
    sha256: Sha256,
    checksum: HighwayHasher,
}

/// Compares the stored bytes of an object with what was planned.
pub(crate) enum Verifier {
    /// With what this run saw when it planned the object.
    Seen(Box<HighwayHasher>, Checksum, ContentHash),
    /// With the object's identity: another run has planned it.
    Planned(Sha256, ContentHash),
    /// With nothing: the store has told by the object's ETag that it is the same.
    Told(Sha256),
}

impl ChecksumKey {
    /// Hashes an object that may be planned.
    pub(crate) fn hasher(self) -> Hasher {
        Hasher { sha256: Sha256::new(), checksum: self.checksum() }
    }

    fn checksum(self) -> HighwayHasher {
        HighwayHasher::new(Key(self.0))
    }
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.checksum.append(bytes);
    }

    pub(crate) fn finish(self) -> (ContentHash, Checksum) {
        (ContentHash(self.sha256.finalize().into()), Checksum(self.checksum.finalize128()))
    }
}

impl Checksums {
    /// Nothing was seen yet.
    pub(crate) fn new() -> Self {
        Self { key: ChecksumKey([0, 1, 2, 3].map(|word: u64| RandomState::new().hash_one(word))), seen: HashMap::new() }
    }

    pub(crate) fn key(&self) -> ChecksumKey {
        self.key
    }

    /// Notes what was seen of an object.
    pub(crate) fn note(&mut self, object: SourceId, checksum: Checksum) {
        self.seen.insert(object, checksum);
    }

    /// Forgets what was seen of all objects.
    pub(crate) fn clear(&mut self) {
        self.seen.clear();
    }

    /// Looks at an object once more.
    pub(crate) fn verifier(&self, object: &PlannedObject) -> Verifier {
        match (&object.content, self.seen.get(&object.source_id)) {
            (Content::Sha256 { sha256: planned }, Some(seen)) => {
                Verifier::Seen(Box::new(self.key.checksum()), *seen, *planned)
            }
            (Content::Sha256 { sha256: planned }, None) => Verifier::Planned(Sha256::new(), *planned),
            (Content::ETag { .. }, _) => Verifier::Told(Sha256::new()),
        }
    }
}

impl Verifier {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Seen(hasher, ..) => hasher.append(bytes),
            Self::Planned(hasher, _) | Self::Told(hasher) => hasher.update(bytes),
        }
    }

    /// The SHA-256 of the bytes, if they were those of the object as it was planned.
    pub(crate) fn finish(self) -> Option<ContentHash> {
        match self {
            Self::Seen(hasher, seen, planned) => (Checksum(hasher.finalize128()) == seen).then_some(planned),
            Self::Planned(hasher, planned) => {
                Some(ContentHash(hasher.finalize().into())).filter(|hash| *hash == planned)
            }
            Self::Told(hasher) => Some(ContentHash(hasher.finalize().into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(sha256: ContentHash) -> PlannedObject {
        let source_id = SourceId::of("x.json.gz", &sha256.to_string());
        PlannedObject {
            location: "x.json.gz".into(),
            address: None,
            source_id,
            content: Content::Sha256 { sha256 },
            stored_bytes: 6,
            modified_day: 0,
            format: None,
        }
    }

    #[test]
    fn a_change_is_seen_by_who_planned_and_by_all_others() {
        let mut mine = Checksums::new();
        let mut hasher = mine.key().hasher();
        hasher.update(b"stored");
        let (sha256, checksum) = hasher.finish();
        let object = object(sha256);
        mine.note(object.source_id, checksum);
        let others = Checksums::new();
        assert!(matches!(mine.verifier(&object), Verifier::Seen(..)));
        assert!(matches!(others.verifier(&object), Verifier::Planned(..)));
        for (text, is_same) in [(&b"stored"[..], true), (b"Stored", false), (b"store", false), (b"storedd", false)] {
            for checksums in [&mine, &others] {
                let mut verifier = checksums.verifier(&object);
                text.chunks(4).for_each(|chunk| verifier.update(chunk));
                assert_eq!(verifier.finish(), is_same.then_some(sha256), "{text:?}");
            }
        }
    }
}
