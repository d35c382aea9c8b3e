//! The cases, by theme.

mod bodies;
mod bounds;
mod columnar;
mod cuts;
mod documents;
mod envelopes;
mod files;
mod flows;
mod generated;
mod generator;
mod gzip;
mod halts;
mod harness;
mod mutations;
mod readback;
mod real;
mod records;
mod routes;
