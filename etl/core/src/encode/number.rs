//! Values of fixed width.

use parquet::basic::Type;
use parquet::file::statistics::Statistics;

use crate::columns::{DOUBLE_NULL, NUMBER_NULL, SMALL_NULL};
use crate::memory::Extent;

/// The values of a chunk in their order; a buffer for each type.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    ints: Vec<i64>,
    small: Vec<i32>,
    doubles: Vec<f64>,
}

impl Gathered {
    /// The memory of all values.
    pub(super) fn extent(&self) -> Extent {
        let Self { ints, small, doubles } = self;
        [Extent::of(ints), Extent::of(small), Extent::of(doubles)].into_iter().sum()
    }
}

/// A value of fixed width, as columns hold it; one of them stands for null.
pub(super) trait Number: Copy + PartialOrd + 'static {
    /// Its bytes in a page.
    type Bytes: Into<Vec<u8>>;
    /// How many they are.
    const WIDTH: usize;
    /// Its physical type.
    const TYPE: Type;
    /// Whether steps from one to the next are written where they are small: in a few bytes, plain ones are as short.
    const HAS_STEPS: bool;
    /// The one that stands for null: no number is greater where both are compared by [`Number::greatest`].
    const NULL: Self;
    /// Less than this is every other number.
    const MOST: Self;

    /// The buffer of its type.
    fn gathered(buffers: &mut Gathered) -> &mut Vec<Self>;
    /// The integer that it is; `None` where numbers are not integers.
    fn integer(self) -> Option<i64>;
    fn is_null(self) -> bool;
    fn bytes(self) -> Self::Bytes;
    /// Puts its bytes at the beginning of `out`.
    fn put(self, out: &mut [u8]);
    fn least(self, other: Self) -> Self;
    fn greatest(self, other: Self) -> Self;
    fn statistics(bounds: Option<(Self, Self)>, nulls: usize) -> Statistics;
}

impl Number for i64 {
    type Bytes = [u8; 8];
    const WIDTH: usize = 8;
    const TYPE: Type = Type::INT64;
    const HAS_STEPS: bool = true;
    const NULL: Self = NUMBER_NULL;
    const MOST: Self = i64::MAX;

    fn gathered(buffers: &mut Gathered) -> &mut Vec<Self> {
        &mut buffers.ints
    }

    #[inline(always)]
    fn integer(self) -> Option<i64> {
        Some(self)
    }

    #[inline(always)]
    fn is_null(self) -> bool {
        self == NUMBER_NULL
    }

    #[inline(always)]
    fn bytes(self) -> [u8; 8] {
        self.to_le_bytes()
    }

    #[inline(always)]
    fn put(self, out: &mut [u8]) {
        out[..Self::WIDTH].copy_from_slice(&self.to_le_bytes());
    }

    #[inline(always)]
    fn least(self, other: Self) -> Self {
        self.min(other)
    }

    #[inline(always)]
    fn greatest(self, other: Self) -> Self {
        self.max(other)
    }

    fn statistics(bounds: Option<(Self, Self)>, nulls: usize) -> Statistics {
        let (least, greatest) = bounds.unzip();
        Statistics::int64(least, greatest, None, Some(nulls as u64), false)
    }
}

impl Number for i32 {
    type Bytes = [u8; 4];
    const WIDTH: usize = 4;
    const TYPE: Type = Type::INT32;
    const HAS_STEPS: bool = false;
    const NULL: Self = SMALL_NULL;
    const MOST: Self = i32::MAX;

    fn gathered(buffers: &mut Gathered) -> &mut Vec<Self> {
        &mut buffers.small
    }

    #[inline(always)]
    fn integer(self) -> Option<i64> {
        Some(self.into())
    }

    #[inline(always)]
    fn is_null(self) -> bool {
        self == SMALL_NULL
    }

    #[inline(always)]
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }

    #[inline(always)]
    fn put(self, out: &mut [u8]) {
        out[..Self::WIDTH].copy_from_slice(&self.to_le_bytes());
    }

    #[inline(always)]
    fn least(self, other: Self) -> Self {
        self.min(other)
    }

    #[inline(always)]
    fn greatest(self, other: Self) -> Self {
        self.max(other)
    }

    fn statistics(bounds: Option<(Self, Self)>, nulls: usize) -> Statistics {
        let (least, greatest) = bounds.unzip();
        Statistics::int32(least, greatest, None, Some(nulls as u64), false)
    }
}

/// Null is no number. The zeros are one value, so a bound of 0 is the one of them that bounds the other as well.
impl Number for f64 {
    type Bytes = [u8; 8];
    const WIDTH: usize = 8;
    const TYPE: Type = Type::DOUBLE;
    const HAS_STEPS: bool = false;
    const NULL: Self = DOUBLE_NULL;
    const MOST: Self = f64::INFINITY;

    fn gathered(buffers: &mut Gathered) -> &mut Vec<Self> {
        &mut buffers.doubles
    }

    #[inline(always)]
    fn integer(self) -> Option<i64> {
        None
    }

    #[inline(always)]
    fn is_null(self) -> bool {
        self.is_nan()
    }

    #[inline(always)]
    fn bytes(self) -> [u8; 8] {
        self.to_le_bytes()
    }

    #[inline(always)]
    fn put(self, out: &mut [u8]) {
        out[..Self::WIDTH].copy_from_slice(&self.to_le_bytes());
    }

    fn least(self, other: Self) -> Self {
        let least = self.min(other);
        if least == 0.0 { -0.0 } else { least }
    }

    fn greatest(self, other: Self) -> Self {
        let greatest = self.max(other);
        if greatest == 0.0 { 0.0 } else { greatest }
    }

    fn statistics(bounds: Option<(Self, Self)>, nulls: usize) -> Statistics {
        let (least, greatest) = bounds.unzip();
        Statistics::double(least, greatest, None, Some(nulls as u64), false)
    }
}
