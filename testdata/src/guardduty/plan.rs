//! Which objects a corpus of findings has, and how many findings are in each.

use crate::error::Error;
use crate::grid::Cell;
use crate::guardduty::Carrier;
use crate::guardduty::corpus::FindingOptions;
use crate::guardduty::hazard::FindingShape;
use crate::guardduty::lane::Lane;
use crate::guardduty::types::FINDING_TYPES;
use crate::random::{Random, mix};

/// Findings of an object, when nothing else is asked for.
const OBJECT_FINDINGS: u64 = 100;
/// The busiest region's objects have so many times as many findings as the others'.
const HOME_WEIGHT: u64 = 3;
/// Exports have so many times as many findings as what other carriers carry.
const EXPORT_WEIGHT: u64 = 4;

/// One object that will be written.
#[derive(Debug, Clone)]
pub struct PlannedFindings {
    /// How its findings are wrapped.
    pub carrier: Carrier,
    /// What is odd about it.
    pub shape: FindingShape,
    /// How many findings it has, broken ones included.
    pub records: u64,
    /// The number of its account.
    pub(crate) account: u32,
    pub(crate) region: u8,
    /// The first second whose findings it holds, and the second of its delivery.
    pub(crate) window: (i64, i64),
    /// The number of its account's and region's lane, and where its first finding is there.
    pub(crate) lane: usize,
    pub(crate) first: u64,
    /// What hazards are drawn from.
    pub(crate) seed: u64,
    /// What its name is drawn from.
    pub(crate) name_seed: u64,
    /// Whether it holds every hazard of single findings at least once.
    pub(crate) is_showcase: bool,
}

/// The objects of a corpus, and what each account's region exports.
pub(crate) fn plan(options: &FindingOptions) -> Result<(Vec<PlannedFindings>, Vec<Lane>), Error> {
    let grid = options.grid();
    grid.check()?;
    let count = grid.objects(options.objects, options.findings, OBJECT_FINDINGS)?;
    let mut objects: Vec<PlannedFindings> =
        (0..count).map(|index| place(options, index, grid.cell(index, count), grid.cells())).collect();
    for carrier in Carrier::ALL {
        for (number, object) in objects.iter_mut().filter(|object| object.carrier == carrier).enumerate() {
            object.shape = FindingShape::of(number, options.hazards, carrier);
        }
    }
    distribute(options, &mut objects);
    let lanes = lanes(options, &mut objects);
    if options.hazards {
        // Some hazards are had only by findings that do not come again, and one only by lines.
        let room = |object: &PlannedFindings| lanes[object.lane].alone(object.first, object.records);
        let shown = objects.iter_mut().max_by_key(|object| (object.carrier == Carrier::Export, room(object)));
        if let Some(object) = shown {
            object.is_showcase = true;
        }
    }
    Ok((objects, lanes))
}

/// Object `index`, still without findings.
fn place(options: &FindingOptions, index: u64, cell: Cell, cells: u64) -> PlannedFindings {
    // Of the objects of one cell every carrier has its share, and so has every cell of one carrier's objects.
    let turn = (index + index / cells) % Carrier::ALL.len() as u64;
    PlannedFindings {
        carrier: options.carrier.unwrap_or(Carrier::ALL[turn as usize]),
        shape: FindingShape::Plain,
        records: 0,
        account: cell.account,
        region: cell.region,
        window: cell.window,
        lane: (cell.account * options.regions) as usize + usize::from(cell.region),
        first: 0,
        seed: mix(options.seed ^ mix(index ^ 0x6764)),
        name_seed: mix(options.seed ^ mix(index) ^ 0x6775),
        is_showcase: false,
    }
}

/// Shares the findings out among the objects, so that their sum is what was asked for.
fn distribute(options: &FindingOptions, objects: &mut [PlannedFindings]) {
    let weights: Vec<u64> = objects.iter().map(weight).collect();
    let total: u64 = weights.iter().sum::<u64>().max(1);
    let mut left = options.findings;
    for (object, weight) in objects.iter_mut().zip(&weights) {
        object.records = (u128::from(options.findings) * u128::from(*weight) / u128::from(total)) as u64;
        left -= object.records;
    }
    // What the division left over is less than one for each object.
    for object in objects.iter_mut() {
        let more = left.min(1);
        object.records += more;
        left -= more;
    }
}

fn weight(object: &PlannedFindings) -> u64 {
    let busy = if object.region == 0 { HOME_WEIGHT } else { 1 };
    let usual = if object.carrier == Carrier::Export { EXPORT_WEIGHT } else { 1 };
    (busy * usual) << Random::new(object.seed).below(3)
}

/// Puts each object behind the earlier ones of its account and region.
fn lanes(options: &FindingOptions, objects: &mut [PlannedFindings]) -> Vec<Lane> {
    let mut lanes = vec![Lane::default(); (options.accounts * options.regions) as usize];
    let mut order: Vec<usize> = (0..objects.len()).collect();
    order.sort_by_key(|index| objects[*index].window.0);
    for index in order {
        let object = &mut objects[index];
        object.first = lanes[object.lane].add(object.window, object.records);
    }
    let mut before = 0;
    for lane in &mut lanes {
        before += lane.settle(FINDING_TYPES.len() as u64, options.findings, before);
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_findings_asked_for_are_the_findings_planned() {
        for (findings, objects) in [(0, None), (1, None), (999, Some(7)), (5_000, Some(300)), (9, Some(90))] {
            let options =
                FindingOptions { findings, objects, days: 3, accounts: 2, regions: 3, ..FindingOptions::default() };
            let (planned, lanes) = plan(&options).unwrap();
            assert_eq!(planned.iter().map(|object| object.records).sum::<u64>(), findings, "{findings} {objects:?}");
            assert_eq!(lanes.len(), 6);
        }
    }
}
