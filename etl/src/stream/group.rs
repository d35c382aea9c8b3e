//! Running one group of a numbered plan: the objects that it names, and no others.

use std::collections::HashSet;
use std::time::Instant;

use trailhouse_lake::{Group, Location, Loss, LostObject, Plan, PlannedObject, Put, Receipt, receipt};

use super::fetch::{self, Fetched};
use super::notice::Notice;
use super::{StreamError, Streamer, make};
use crate::catalog::spots;
use crate::error::GroupError;
use crate::finish::object_receipt;

/// What was got of a group's objects.
enum Got {
    /// Its receipt, from whoever has read all of them.
    Receipt(Receipt),
    /// Objects that are not there as they were planned.
    Lost(Vec<LostObject>),
}

impl Streamer {
    /// Runs a group of the plan with this `number`, unless it has a receipt: the one that it has then. An abandoned group's
    /// objects are free to be planned again.
    ///
    /// # Errors
    ///
    /// As [`Streamer::read`]. The group then has no receipt, and whoever finds its plan runs it again.
    pub async fn run_group(
        &self,
        (number, plan): (u32, &Plan),
        group: &Group,
        deadline: Option<Instant>,
    ) -> Result<Receipt, StreamError> {
        if let Some(receipt) = self.lake.receipt_if_any(number, group.id).await? {
            return Ok(receipt);
        }
        let lost = match self.read_group(number, plan, group, deadline).await? {
            Got::Receipt(receipt) if !receipt.is_abandoned() => return Ok(receipt),
            Got::Receipt(receipt) => receipt.lost,
            Got::Lost(lost) => lost,
        };
        // Also behind a receipt that others had put: files of this run may stand.
        let receipt = self.lake.abandon(number, group.id, lost).await?;
        if receipt.is_abandoned() {
            self.lake.remove_files_of(&HashSet::from([group.id])).await?;
        }
        Ok(receipt)
    }

    async fn read_group(
        &self,
        number: u32,
        plan: &Plan,
        group: &Group,
        deadline: Option<Instant>,
    ) -> Result<Got, StreamError> {
        let (mut hashes, mut lost) = (Vec::new(), Vec::new());
        let mut making = self.maker.begin(&self.lake, &plan.settings, group, deadline)?;
        for object in &group.objects {
            match self.open(object).await? {
                Err(loss) => lost.push(LostObject { source_id: object.source_id, loss }),
                // Behind one that is lost the others are only looked at.
                Ok(_) if !lost.is_empty() => {}
                Ok(fetched) => {
                    let body = fetched.body(object.address()).await?;
                    hashes.push(body.hash());
                    making.read(object, body)?;
                }
            }
        }
        if !lost.is_empty() {
            return Ok(Got::Lost(lost));
        }
        let made = making.finish()?;
        // It may have taken long; what another run has ended meanwhile needs no files.
        if let Some(receipt) = self.lake.receipt_if_any(number, group.id).await? {
            return Ok(Got::Receipt(receipt));
        }
        let files = make::publish(&self.lake, made.files).await;
        let registered = match files {
            Ok(files) => self.catalog.register(&spots(&files)).await.map(|()| files).map_err(StreamError::from),
            Err(error) => Err(error),
        };
        let files = match registered {
            Ok(files) => files,
            // Whoever ended the group first was right, also where his files and these got in each other's way.
            Err(error) => {
                let standing = self.lake.receipt_if_any(number, group.id).await?;
                return standing.map(Got::Receipt).ok_or(error);
            }
        };
        let tallies = made.tallies.into_iter().zip(hashes);
        let objects = group.objects.iter().zip(tallies).map(|(object, tally)| object_receipt(object, &tally));
        let (objects, lost) = (objects.collect(), Vec::new());
        let receipt = Receipt { version: receipt::VERSION, plan: number, group: group.id, objects, files, lost };
        match self.lake.put_receipt(&receipt).await? {
            Put::Created => Ok(Got::Receipt(receipt)),
            Put::Exists => Ok(Got::Receipt(self.lake.receipt(number, group.id).await?)),
        }
    }

    /// Begins to get a planned object; or what became of it.
    async fn open(&self, object: &PlannedObject) -> Result<Result<Fetched, Loss>, StreamError> {
        let address = object.address();
        let notice = notice_of(address)?;
        let store = self.buckets.open(&notice.bucket).await?;
        let found = match fetch::open(store.as_ref(), &notice, address).await {
            Ok(found) => found,
            Err(StreamError::Object { source, .. }) if source.code() == Some("InvalidObjectState") => {
                return Ok(Err(Loss::Archived));
            }
            Err(error) => return Err(error),
        };
        let Some(fetched) = found else { return Ok(Err(Loss::Gone)) };
        let is_same = fetched.content(address)? == object.content && fetched.meta.size == object.stored_bytes;
        Ok(if is_same { Ok(fetched) } else { Err(Loss::Changed) })
    }
}

/// The object at an address in S3.
fn notice_of(address: &str) -> Result<Notice, StreamError> {
    match Location::parse(address)? {
        Location::Bucket(place) => {
            let key = address.strip_prefix(&format!("s3://{}/", place.name)).unwrap_or(&place.prefix).to_owned();
            Ok(Notice { bucket: place.name, key, version: None })
        }
        Location::Folder(_) => Err(GroupError::Vanished { address: address.to_owned() }.into()),
    }
}
