//! A corpus of flow logs: everything that one set of arguments makes.

use std::io::{self, Write};
use std::path::Path;

use crate::cast::{Cast, REGIONS};
use crate::civil::{DAY_SECONDS, Date, MINUTE_SECONDS, day_of};
use crate::error::Error;
use crate::flow::field::{Column, TGW_VERSION, VERSION_MIN, named, up_to};
use crate::flow::object::FlowWriter;
use crate::flow::plan::{PlannedFlow, plan};
use crate::flow::{FlowCounts, FlowFields, FlowKind, FlowOrder, FlowShape};
use crate::grid::{Grid, usual_start};
use crate::random::{Random, mix};
use crate::store::{GZIP_LEVEL, Gzip, fill};

/// What a corpus of flow logs is made of. Equal options give equal bytes, whatever the threads.
#[derive(Debug, Clone)]
pub struct FlowOptions {
    /// What everything is drawn from.
    pub seed: u64,
    /// Lines below headers in all, those with too few fields included.
    pub rows: u64,
    /// Objects in all; about one for 4,000 lines when not said.
    pub objects: Option<u64>,
    /// Days, one after the other.
    pub days: u32,
    /// Accounts.
    pub accounts: u32,
    /// Regions of each account.
    pub regions: u32,
    /// The first day.
    pub start: Date,
    /// What is watched.
    pub kind: FlowKind,
    /// The fields of every flow log.
    pub fields: FlowFields,
    /// Their order.
    pub order: FlowOrder,
    /// Whether the corpus carries the hazards of real logs.
    pub hazards: bool,
    /// The gzip level, from 0 to 9.
    pub level: u32,
}

impl Default for FlowOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            rows: 1_000,
            objects: None,
            days: 1,
            accounts: 1,
            regions: 1,
            start: usual_start(),
            kind: FlowKind::Vpc,
            fields: FlowFields::Usual,
            order: FlowOrder::Default,
            hazards: true,
            level: GZIP_LEVEL,
        }
    }
}

impl FlowOptions {
    pub(crate) fn grid(&self) -> Grid {
        let &Self { start, days, accounts, regions, .. } = self;
        Grid { start, days, accounts, regions }
    }

    /// The columns that are asked for, in the order of the names or of AWS.
    fn columns(&self) -> Result<Vec<Column>, Error> {
        let mut columns = match (&self.fields, self.kind) {
            (FlowFields::Usual, FlowKind::Vpc) => up_to(self.kind, VERSION_MIN)?,
            (FlowFields::Usual, FlowKind::Tgw) => up_to(self.kind, TGW_VERSION)?,
            (FlowFields::UpTo(version), _) => up_to(self.kind, *version)?,
            (FlowFields::Named(names), _) => named(self.kind, names)?,
        };
        if self.order == FlowOrder::Alphabetical {
            columns.sort_unstable_by_key(|column| column.name);
        }
        Ok(columns)
    }
}

/// A planned corpus of flow logs, ready to be written object by object or whole.
#[derive(Debug)]
pub struct FlowCorpus {
    options: FlowOptions,
    objects: Vec<PlannedFlow>,
    casts: Vec<Cast>,
    columns: Vec<Column>,
}

impl FlowCorpus {
    /// Plans the corpus.
    ///
    /// # Errors
    /// Where an option is out of bounds, or a field is unknown or named twice.
    pub fn new(options: FlowOptions) -> Result<Self, Error> {
        let columns = options.columns()?;
        let objects = plan(&options)?;
        let casts = (0..options.accounts).map(Cast::new).collect();
        Ok(Self { options, objects, casts, columns })
    }

    /// The objects, in the order of their delivery.
    pub fn objects(&self) -> &[PlannedFlow] {
        &self.objects
    }

    /// The key of an object, from `AWSLogs/` on; a transit gateway's is no other than a VPC's.
    pub fn key(&self, planned: &PlannedFlow) -> String {
        let site = planned.site;
        let (account, region) = (&self.casts[site.account as usize].account, REGIONS[usize::from(site.region)]);
        let flow_log = site.network().id("fl-", u64::from(site.kind == FlowKind::Tgw));
        let (year, month, day) = day_of(planned.slot).civil();
        let minute = planned.slot.rem_euclid(DAY_SECONDS) / MINUTE_SECONDS;
        let (hour, minute, suffix) = (minute / 60, minute % 60, planned.suffix);
        format!(
            "AWSLogs/{account}/vpcflowlogs/{region}/{year}/{month:02}/{day:02}/{account}_vpcflowlogs_{region}_\
             {flow_log}_{year}{month:02}{day:02}T{hour:02}{minute:02}Z_{suffix:08x}.log.gz"
        )
    }

    /// The first line of an object, as its words.
    pub fn header(&self, planned: &PlannedFlow) -> Vec<&'static str> {
        self.shaped(planned).0.iter().map(|column| column.name).collect()
    }

    /// Writes the text of one object and counts it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_text(&self, planned: &PlannedFlow, out: &mut dyn Write) -> io::Result<FlowCounts> {
        let cast = &self.casts[planned.site.account as usize];
        let (columns, below) = self.shaped(planned);
        FlowWriter::new(cast, planned, columns, below, self.options.hazards).write(out)
    }

    /// Writes the gzipped bytes of one object and counts it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_gzip(&self, planned: &PlannedFlow, out: &mut dyn Write) -> io::Result<FlowCounts> {
        // About five members, which end anywhere.
        let member_bytes = (planned.shape == FlowShape::Members).then(|| 200 + planned.records * 20);
        let mut gzip = Gzip::new(out, self.options.level, member_bytes);
        let mut counts = self.write_text(planned, &mut gzip)?;
        let stored = gzip.finish()?;
        (counts.stored_bytes, counts.members) = (stored.bytes, stored.members);
        Ok(counts)
    }

    /// Writes the whole corpus below `folder`, which is made or must be empty, on all of rayon's threads.
    ///
    /// # Errors
    /// Where the folder is not empty or a file cannot be written.
    pub fn write_to(&self, folder: &Path) -> Result<FlowCounts, Error> {
        fill(folder, &self.objects, |planned| self.key(planned), |planned, out| self.write_gzip(planned, out))
    }

    /// The columns of an object, and those below its second header.
    fn shaped(&self, planned: &PlannedFlow) -> (Vec<Column>, Option<Vec<Column>>) {
        let mut usual = self.columns.clone();
        if self.options.order == FlowOrder::Shuffled {
            let site = u64::from(planned.site.account) << 8 | u64::from(planned.site.region);
            Random::new(mix(self.options.seed) ^ site).shuffle(&mut usual);
        }
        planned.shape.columns(&usual, planned.seed)
    }
}
