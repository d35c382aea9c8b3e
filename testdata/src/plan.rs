//! Which objects a corpus has, and how many records are in each: decided once, before anything is written.

use std::ops::Range;

use crate::civil::DAY_SECONDS;
use crate::corpus::Options;
use crate::error::Error;
use crate::grid::Cell;
use crate::random::{Random, mix};
use crate::story;

/// A corpus of fewer records has no room for the story.
pub(crate) const STORY_EVENTS_MIN: u64 = 1_000;
/// Records of an object, when nothing else is asked for.
const OBJECT_EVENTS: u64 = 400;
/// The busiest region's objects have so many times as many records as the others'.
const HOME_WEIGHT: u64 = 6;

/// What an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Management and data events.
    Events,
    /// `{"Records":[]}`.
    Empty,
    /// Network-activity events of VPC endpoints.
    NetworkActivity,
    /// Aggregated events: an envelope, or a bare array in every other one.
    Aggregated,
    /// The records of the object before, delivered once more.
    Again,
}

/// Hazards of whole objects: of every forty objects, one each of these, at this place, and eight are delivered again.
const PERIOD: usize = 40;
const EMPTY_AT: usize = 7;
const NETWORK_ACTIVITY_AT: usize = 17;
const AGGREGATED_AT: usize = 27;
const AGAIN_PERIOD: usize = 10;
const AGAIN_AT: [usize; 2] = [3, 6];

impl Kind {
    fn of(index: usize, has_hazards: bool) -> Self {
        match index % PERIOD {
            _ if !has_hazards => Self::Events,
            EMPTY_AT => Self::Empty,
            NETWORK_ACTIVITY_AT => Self::NetworkActivity,
            AGGREGATED_AT => Self::Aggregated,
            _ if AGAIN_AT.contains(&(index % AGAIN_PERIOD)) => Self::Again,
            _ => Self::Events,
        }
    }

    /// Its folder under the account's.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Events | Self::Empty | Self::Again => "CloudTrail",
            Self::NetworkActivity => "CloudTrail-NetworkActivity",
            Self::Aggregated => "CloudTrail-Aggregated",
        }
    }
}

/// One object that will be written.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What it holds.
    pub kind: Kind,
    /// How many records it has.
    pub records: u64,
    /// The number of its account.
    pub(crate) account: u32,
    pub(crate) region: u8,
    /// The first second whose events it holds, and the second of its delivery.
    pub(crate) window: (i64, i64),
    /// What its records are drawn from; the same in the object that is delivered again.
    pub(crate) content_seed: u64,
    /// What its name is drawn from.
    pub(crate) name_seed: u64,
    /// Whether it holds every hazard of single records at least once.
    pub(crate) is_showcase: bool,
    /// The acts of the story that happen in it.
    pub(crate) acts: Range<usize>,
    /// The seconds of which its account has no record, because its trail is stopped.
    pub(crate) silence: Range<i64>,
}

/// The objects of a corpus.
pub(crate) fn plan(options: &Options) -> Result<Vec<Planned>, Error> {
    let grid = options.grid();
    grid.check()?;
    let count = grid.objects(options.objects, options.events, OBJECT_EVENTS)?;
    let mut objects: Vec<Planned> = (0..count).map(|index| place(options, index, grid.cell(index, count))).collect();
    deliver_again(&mut objects);
    if options.events >= STORY_EVENTS_MIN {
        tell_story(options, &mut objects);
    }
    distribute(options, &mut objects);
    Ok(objects)
}

/// Object `index`, still without records.
fn place(options: &Options, index: u64, cell: Cell) -> Planned {
    Planned {
        kind: Kind::of(index as usize, options.hazards),
        records: 0,
        account: cell.account,
        region: cell.region,
        window: cell.window,
        content_seed: mix(options.seed ^ mix(index)),
        name_seed: mix(options.seed ^ mix(index) ^ 0x4a4e),
        is_showcase: false,
        acts: 0..0,
        silence: 0..0,
    }
}

/// Gives each object that comes again what the one before it has.
fn deliver_again(objects: &mut [Planned]) {
    for index in 1..objects.len() {
        if objects[index].kind == Kind::Again {
            let Planned { account, region, window, content_seed, .. } = objects[index - 1];
            objects[index] = Planned { account, region, window, content_seed, ..objects[index].clone() };
        }
    }
}

/// Whether object `index` can be given records that no other object has.
fn is_single(objects: &[Planned], index: usize) -> bool {
    let comes_again = objects.get(index + 1).is_some_and(|next| next.kind == Kind::Again);
    objects[index].kind == Kind::Events && !comes_again
}

/// Spreads the acts over the busiest region of the first account, on the middle day and the one before.
fn tell_story(options: &Options, objects: &mut [Planned]) {
    let middle = options.days / 2;
    let single: Vec<usize> = (0..objects.len()).filter(|index| is_single(objects, *index)).collect();
    let scenes_of = |objects: &[Planned], day: u32| -> Vec<usize> {
        let day = options.start.plus(day).start();
        let day = day..day + DAY_SECONDS;
        let is_scene = |object: &Planned| object.account == 0 && object.region == 0 && day.contains(&object.window.0);
        single.iter().copied().filter(|index| is_scene(&objects[*index])).collect()
    };
    let mut scenes = scenes_of(objects, middle);
    if scenes.is_empty() {
        scenes = single.iter().copied().take(1).collect();
    }
    let before = middle.checked_sub(1).and_then(|day| scenes_of(objects, day).first().copied());
    for (act, told) in story::ACTS.iter().enumerate() {
        let scene = scenes.get(act * scenes.len() / story::ACTS.len()).copied();
        let Some(scene) = (if told.is_day_before { before.or(scene) } else { scene }) else { return };
        let acts = &mut objects[scene].acts;
        *acts = if acts.start == acts.end { act..act + 1 } else { acts.start..act + 1 };
    }
    fall_silent(objects);
}

/// Lets no object of the account in which the trail is stopped have records of that time.
fn fall_silent(objects: &mut [Planned]) {
    let told = |object: &Planned| story::tell(object.acts.clone(), object.window, object.content_seed);
    let silence = objects
        .iter()
        .filter(|object| !object.acts.is_empty())
        .find_map(|object| Some((object.account, story::silence(&told(object))?)));
    let Some((account, silence)) = silence else { return };
    for object in objects.iter_mut().filter(|object| object.account == account) {
        object.silence = silence.clone();
    }
}

/// Shares the records out among the objects, so that their sum is what was asked for.
fn distribute(options: &Options, objects: &mut [Planned]) {
    let reserved: Vec<u64> = objects.iter().map(|object| object.acts.clone().map(story::length_of).sum()).collect();
    let spare = options.events - reserved.iter().sum::<u64>().min(options.events);
    let weights: Vec<u64> = objects.iter().map(weight).collect();
    let total: u64 = weights.iter().sum::<u64>().max(1);
    let mut left = spare;
    for index in 0..objects.len() {
        let share = (u128::from(spare) * u128::from(weights[index]) / u128::from(total)) as u64;
        let again = if objects[index].kind == Kind::Again { objects[index - 1].records } else { share };
        objects[index].records = again.min(left) + reserved[index];
        left -= again.min(left);
    }
    share_rest(objects, left);
    let showcase = (0..objects.len()).filter(|index| options.hazards && is_single(objects, *index));
    if let Some(index) = showcase.max_by_key(|index| (objects[*index].records, usize::MAX - index)) {
        objects[index].is_showcase = true;
    }
}

/// Gives what the division left over to objects that do not come again.
fn share_rest(objects: &mut [Planned], mut left: u64) {
    let single: Vec<usize> = (0..objects.len()).filter(|index| is_single(objects, *index)).collect();
    let each = left / single.len().max(1) as u64;
    for index in single {
        let more = (each + 1).min(left);
        objects[index].records += more;
        left -= more;
    }
}

fn weight(object: &Planned) -> u64 {
    let busy = if object.region == 0 { HOME_WEIGHT } else { 1 };
    match object.kind {
        Kind::Empty => 0,
        Kind::Events | Kind::Again => busy << Random::new(object.content_seed).below(5),
        Kind::NetworkActivity | Kind::Aggregated => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(events: u64, objects: Option<u64>) -> Options {
        Options { events, objects, days: 3, accounts: 2, regions: 3, ..Options::default() }
    }

    #[test]
    fn the_records_asked_for_are_the_records_planned() {
        for (events, objects) in
            [(0, None), (1, None), (999, Some(7)), (5_000, Some(300)), (2_000, Some(40)), (9, Some(90))]
        {
            let planned = plan(&options(events, objects)).unwrap();
            assert_eq!(planned.iter().map(|object| object.records).sum::<u64>(), events, "{events} {objects:?}");
            assert!(objects.is_none_or(|count| planned.len() as u64 == count));
        }
    }

    #[test]
    fn an_object_that_comes_again_is_the_one_before() {
        let planned = plan(&options(20_000, Some(200))).unwrap();
        let again: Vec<usize> = (0..200).filter(|index| planned[*index].kind == Kind::Again).collect();
        assert_eq!(again.len(), 40);
        for index in again {
            let (one, other) = (&planned[index - 1], &planned[index]);
            assert_eq!(
                (one.records, one.content_seed, one.account),
                (other.records, other.content_seed, other.account)
            );
        }
    }

    #[test]
    fn the_whole_story_is_told_once_on_one_day() {
        for objects in [1, 40, 500, 9_000] {
            let planned = plan(&options(20_000, Some(objects))).unwrap();
            let acts: Vec<usize> = planned.iter().flat_map(|object| object.acts.clone()).collect();
            assert_eq!(acts.len(), story::ACTS.len(), "{objects}");
            let scenes = planned.iter().filter(|object| object.acts.end > 1);
            let days: std::collections::HashSet<i64> = scenes.map(|object| object.window.0 / DAY_SECONDS).collect();
            assert_eq!(days.len(), 1);
            let silent = planned.iter().filter(|object| !object.silence.is_empty());
            assert!(silent.clone().count() > 0 && silent.clone().all(|object| object.account == planned[0].account));
        }
    }
}
