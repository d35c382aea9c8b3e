//! The cases, by theme.

mod bodies;
mod bounds;
mod columnar;
mod comeback;
mod corpora;
mod cuts;
mod documents;
mod envelopes;
mod files;
mod findings;
mod flow_texts;
mod flows;
mod generated;
mod generator;
mod gzip;
mod halts;
mod harness;
mod invariants;
mod mutations;
mod pieces;
mod readback;
mod real;
mod rebuild;
mod records;
mod routes;
