#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use trailhouse_etl::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut o = IngestOptions::new(vec![a[1].clone()], a[2].clone());
    o.threads = a.get(3).and_then(|t| t.parse().ok());
    struct P;
    impl Progress for P {
        fn damaged(&self, a: &str, w: &str) {
            println!("damaged {a}: {w}");
        }
        fn skipped(&self, a: &str, w: &SkipReason) {
            println!("skipped {a}: {w}");
        }
    }
    let s = ingest(&o, &P, &StopFlag::new()).unwrap();
    println!("{s:?}");
    let st = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{:?}", st.lines().filter(|l| l.starts_with("VmHWM")).collect::<Vec<_>>());
}
