//! Stored bytes to inflated bytes.

/// The first two bytes of a gzip member.
pub(crate) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
