//! Flow logs in Parquet: written by the parquet crate, or forged byte by byte, and held against the same rows as text.

mod bodies;
mod bounds;
mod damage;
mod files;
mod forge;
mod forged;
mod kinds;
mod same;
