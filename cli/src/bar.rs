//! How an ingest shows that it is at work: a bar on a terminal, plain lines elsewhere.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use trailhouse_etl::{Progress, SkipReason};

use crate::{human, talk};

/// How often a line is said where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Objects of one kind, skipped or damaged, that are named; the rest is counted.
const NAMED_MAX: u64 = 20;
/// How often the bar is drawn, a second.
const DRAWS_A_SECOND: u8 = 8;

/// The line of the bar, which takes what the rest leaves of the terminal's width.
const TEMPLATE: &str = "{wide_bar} {msg}  {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left";

/// Listens to an ingest.
pub(crate) struct Bar {
    bar: ProgressBar,
    is_quiet: bool,
    state: Mutex<State>,
}

struct State {
    started: Instant,
    last_line: Instant,
    objects: u64,
    objects_total: u64,
    bytes: u64,
    bytes_total: u64,
    skipped: Named,
    damaged: Named,
}

/// How many objects were named, and how many were not.
#[derive(Default)]
struct Named {
    named: u64,
    unnamed: u64,
}

impl Named {
    /// Counts one; whether it is to be named.
    fn is_next(&mut self) -> bool {
        let is_next = self.named < NAMED_MAX;
        *if is_next { &mut self.named } else { &mut self.unnamed } += 1;
        is_next
    }

    fn rest(&self, what: &str) -> Option<String> {
        (self.unnamed > 0).then(|| format!("… and {} more {what}", human::counted(self.unnamed, "object")))
    }
}

impl Bar {
    /// A bar on a terminal; lines elsewhere, unless `is_quiet`.
    pub(crate) fn new(is_quiet: bool, is_terminal: bool) -> Self {
        let target = match is_terminal && !is_quiet {
            true => ProgressDrawTarget::stderr_with_hz(DRAWS_A_SECOND),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        let now = Instant::now();
        let state = State {
            started: now,
            last_line: now,
            objects: 0,
            objects_total: 0,
            bytes: 0,
            bytes_total: 0,
            skipped: Named::default(),
            damaged: Named::default(),
        };
        Self { bar, is_quiet, state: Mutex::new(state) }
    }

    /// Takes the bar away, and says how much was not named.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
        let rests = self.with(|state| [state.skipped.rest("skipped"), state.damaged.rest("damaged")]);
        if !self.is_quiet {
            rests.iter().flatten().for_each(|rest| talk::say(rest));
        }
    }

    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        work(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| talk::say(text));
    }

    /// Names an object, unless many of its kind were named already.
    fn name(&self, kind: impl FnOnce(&mut State) -> &mut Named, text: impl FnOnce() -> String) {
        let is_next = self.with(|state| kind(state).is_next());
        if is_next && !self.is_quiet {
            self.say(&text());
        }
    }
}

impl State {
    fn objects_text(&self) -> String {
        format!("{}/{} objects", human::count(self.objects), human::count(self.objects_total))
    }

    /// The line for where there is no bar, when it is time.
    fn line(&mut self) -> Option<String> {
        if self.last_line.elapsed() < LINE_EVERY || self.bytes == 0 {
            return None;
        }
        self.last_line = Instant::now();
        let rate = self.bytes as f64 / self.started.elapsed().as_secs_f64();
        let left = Duration::from_secs_f64(self.bytes_total.saturating_sub(self.bytes) as f64 / rate);
        Some(format!(
            "{}, {} of {}, {}/s, {} left",
            self.objects_text(),
            human::bytes(self.bytes),
            human::bytes(self.bytes_total),
            human::bytes(rate as u64),
            human::duration(left)
        ))
    }
}

impl Progress for Bar {
    fn total(&self, objects: u64, bytes: u64) {
        let text = self.with(|state| {
            (state.objects_total, state.bytes_total) = (objects, bytes);
            state.objects_text()
        });
        self.bar.set_length(bytes);
        self.bar.set_message(text);
    }

    fn done(&self, objects: u64, bytes: u64) {
        let (text, line) = self.with(|state| {
            state.objects += objects;
            state.bytes += bytes;
            (state.objects_text(), state.line())
        });
        self.bar.inc(bytes);
        self.bar.set_message(text);
        if let Some(line) = line.filter(|_| self.bar.is_hidden() && !self.is_quiet) {
            talk::say(&line);
        }
    }

    fn skipped(&self, location: &str, reason: &SkipReason) {
        self.name(|state| &mut state.skipped, || format!("skipped {location}: {reason}"));
    }

    fn damaged(&self, location: &str, why: &str) {
        self.name(|state| &mut state.damaged, || format!("damaged {location}: {why}"));
    }
}
