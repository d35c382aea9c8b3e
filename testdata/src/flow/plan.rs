//! Which objects a flow corpus has, and how many lines are in each.

use crate::error::Error;
use crate::flow::corpus::FlowOptions;
use crate::flow::draw::Site;
use crate::flow::hazard::FlowShape;
use crate::random::{Random, mix};

/// Lines of an object, when nothing else is asked for.
const OBJECT_ROWS: u64 = 4_000;
/// The busiest region's objects have so many times as many lines as the others'.
const HOME_WEIGHT: u64 = 6;
/// What one object tells of: AWS closes one every five minutes.
pub(crate) const SLOT_SECONDS: i64 = 300;

/// One object that will be written.
#[derive(Debug, Clone)]
pub struct PlannedFlow {
    /// What is odd about it.
    pub shape: FlowShape,
    /// How many lines below headers it has, those with too few fields included.
    pub records: u64,
    pub(crate) site: Site,
    /// The first second in which its flows end.
    pub(crate) slot: i64,
    /// What its lines are drawn from.
    pub(crate) seed: u64,
    /// The end of its name, which no other object has.
    pub(crate) suffix: u32,
    /// Whether it holds every hazard of single lines at least once.
    pub(crate) is_showcase: bool,
}

/// The objects of a corpus.
pub(crate) fn plan(options: &FlowOptions) -> Result<Vec<PlannedFlow>, Error> {
    let grid = options.grid();
    grid.check()?;
    let count = grid.objects(options.objects, options.rows, OBJECT_ROWS)?;
    let mut objects: Vec<PlannedFlow> = (0..count)
        .map(|index| {
            let cell = grid.cell(index, count);
            PlannedFlow {
                shape: FlowShape::of(index as usize, options.hazards),
                records: 0,
                site: Site { kind: options.kind, account: cell.account, region: cell.region },
                slot: cell.window.0.div_euclid(SLOT_SECONDS) * SLOT_SECONDS,
                seed: mix(options.seed ^ mix(index ^ 0xf107)),
                suffix: scramble(index as u32, options.seed),
                is_showcase: false,
            }
        })
        .collect();
    distribute(options, &mut objects);
    Ok(objects)
}

/// Makes strangers of neighbours, and no two the same.
fn scramble(index: u32, seed: u64) -> u32 {
    let mixed = (index ^ mix(seed) as u32).wrapping_mul(0x9e37_79b1);
    (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b)
}

/// Shares the lines out among the objects, so that their sum is what was asked for.
fn distribute(options: &FlowOptions, objects: &mut [PlannedFlow]) {
    let weights: Vec<u64> = objects.iter().map(weight).collect();
    let total: u64 = weights.iter().sum::<u64>().max(1);
    let mut left = options.rows;
    for (object, weight) in objects.iter_mut().zip(&weights) {
        object.records = (u128::from(options.rows) * u128::from(*weight) / u128::from(total)) as u64;
        left -= object.records;
    }
    // What the division left over is less than one for each object that has any.
    for object in objects.iter_mut().filter(|object| object.shape != FlowShape::HeaderOnly) {
        let more = left.min(1);
        object.records += more;
        left -= more;
    }
    let plain = objects.iter_mut().filter(|object| object.shape == FlowShape::Plain && options.hazards);
    if let Some(object) = plain.max_by_key(|object| object.records) {
        object.is_showcase = true;
    }
}

fn weight(object: &PlannedFlow) -> u64 {
    let busy = if object.site.region == 0 { HOME_WEIGHT } else { 1 };
    match object.shape {
        FlowShape::HeaderOnly => 0,
        _ => busy << Random::new(object.seed).below(4),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_lines_asked_for_are_the_lines_planned() {
        for (rows, objects) in [(0, None), (1, None), (999, Some(7)), (5_000, Some(300)), (9, Some(90))] {
            let options = FlowOptions { rows, objects, days: 3, accounts: 2, regions: 3, ..FlowOptions::default() };
            let planned = plan(&options).unwrap();
            assert_eq!(planned.iter().map(|object| object.records).sum::<u64>(), rows, "{rows} {objects:?}");
            let names: HashSet<u32> = planned.iter().map(|object| object.suffix).collect();
            assert_eq!(names.len(), planned.len());
        }
    }

    #[test]
    fn slots_end_within_their_day() {
        let planned = plan(&FlowOptions { objects: Some(700), ..FlowOptions::default() }).unwrap();
        let day = planned[0].slot.div_euclid(crate::civil::DAY_SECONDS);
        let last = |object: &PlannedFlow| (object.slot + SLOT_SECONDS - 1).div_euclid(crate::civil::DAY_SECONDS);
        assert!(planned.iter().all(|object| last(object) == day && object.slot % SLOT_SECONDS == 0));
    }
}
