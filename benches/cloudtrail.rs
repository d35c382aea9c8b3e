//! CloudTrail through the engine: stage by stage, and from end to end. One thread, no disk, all hazards on.
//!
//! The stages are told apart by what the engine is given and how far it goes:
//!
//! * `index, split, decode`: inflated JSON, read and then forgotten
//! * `inflate, index, split, decode`: the gzipped objects, read and then forgotten; what it takes longer is inflation
//! * `order, encode`: what was read becomes files
//!
//! From end to end the parts are as long as in an ingest. The two sizes of objects show what an object costs.

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trailhouse_benches::{Error, Form, Sample, discard, engine};

const EVENTS: u64 = 60_000;
const LARGE_OBJECTS: u64 = 60;
const TINY_OBJECTS: u64 = 20_000;

/// Measurements of each benchmark, and the time that they take together, about.
const SAMPLES: usize = 20;
const MEASURED: Duration = Duration::from_secs(12);

/// A benchmark that has no corpus has nothing to measure: it stops with the reason.
fn sample(objects: u64) -> Sample {
    Sample::new(EVENTS, objects).unwrap_or_else(|error| unreachable!("the arguments are within their bounds: {error}"))
}

fn throughput(sample: &Sample) -> Throughput {
    Throughput::ElementsAndBytes { elements: sample.records, bytes: sample.json_bytes }
}

/// Runs `step` so many times and adds up what it says it took.
///
/// A benchmark that fails has nothing to tell: it stops with the reason.
fn repeat(times: u64, mut step: impl FnMut() -> Result<Duration, Error>) -> Duration {
    let mut sum = Duration::ZERO;
    for _ in 0..times {
        match step() {
            Ok(taken) => sum += taken,
            Err(error) => unreachable!("the generated corpus is read to its end: {error}"),
        }
    }
    sum
}

fn stages(criterion: &mut Criterion) {
    let sample = sample(LARGE_OBJECTS);
    let mut group = criterion.benchmark_group("stages");
    group.throughput(throughput(&sample)).sample_size(SAMPLES).measurement_time(MEASURED);
    let mut transform = engine(true);
    for (name, form) in [("index, split, decode", Form::Json), ("inflate, index, split, decode", Form::Gzip)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                repeat(times, || {
                    let start = Instant::now();
                    sample.read(&mut transform, form)?;
                    let taken = start.elapsed();
                    transform.abandon();
                    Ok(taken)
                })
            });
        });
    }
    group.bench_function("order, encode", |bencher| {
        bencher.iter_custom(|times| {
            repeat(times, || {
                sample.read(&mut transform, Form::Json)?;
                let start = Instant::now();
                transform.finish(&mut discard)?;
                Ok(start.elapsed())
            })
        });
    });
}

fn end_to_end(criterion: &mut Criterion) {
    for (name, objects) in [("1,000 records an object", LARGE_OBJECTS), ("3 records an object", TINY_OBJECTS)] {
        let sample = sample(objects);
        let mut group = criterion.benchmark_group("end to end");
        group.throughput(throughput(&sample)).sample_size(SAMPLES).measurement_time(MEASURED);
        let mut transform = engine(false);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                repeat(times, || {
                    let start = Instant::now();
                    sample.read(&mut transform, Form::Gzip)?;
                    transform.finish(&mut discard)?;
                    Ok(start.elapsed())
                })
            });
        });
    }
}

criterion_group!(benches, stages, end_to_end);
criterion_main!(benches);
