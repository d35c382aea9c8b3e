//! Findings of GuardDuty to rows.

use trailhouse_schemas::GUARDDUTY;

use super::copies::Copies;
use crate::columns::Slot;
use crate::keys::KeyCase;
use crate::sheet::Sheet;
use crate::text::{Side, Texts};

/// Fills what a finding's row has beside the finding's own fields.
pub(super) struct Findings {
    copies: Copies,
    key_case: Slot,
    finding_type: Slot,
    /// Threat purpose, resource, family, and the rest.
    type_parts: [Slot; 4],
}

impl Findings {
    pub(super) fn new(sheet: &Sheet) -> Self {
        debug_assert_eq!(sheet.table.name, GUARDDUTY.name);
        Self {
            copies: Copies::new(sheet.table, sheet.columns.slots()),
            key_case: sheet.slot("key_case"),
            finding_type: sheet.slot("type"),
            type_parts: ["type_purpose", "type_resource", "type_family", "type_detail"].map(|name| sheet.slot(name)),
        }
    }

    /// Fills the row of the finding `record`, whose own fields stand in it already.
    pub(super) fn fill(
        &mut self,
        (record, case): (&[u8], KeyCase),
        row: usize,
        sheet: &mut Sheet,
        (arena, side): (&[u8], &mut Side),
    ) {
        self.copies.fill(record, row, sheet, arena, side);
        if let Slot::Coded(column) = self.key_case {
            sheet.columns.coded[column].fill(case.name(), arena, side, row..row + 1);
        }
        self.fill_type(row, sheet, arena, side);
    }

    /// `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact`: cut up as far as it goes.
    fn fill_type(&self, row: usize, sheet: &mut Sheet, arena: &[u8], side: &mut Side) {
        let Slot::Coded(column) = self.finding_type else { return };
        let texts = Texts { arena, side: side.bytes() };
        let Some(text) = sheet.columns.coded_text(texts, column, row) else { return };
        let text = String::from_utf8_lossy(text).into_owned();
        for (slot, part) in self.type_parts.into_iter().zip(type_parts(&text)) {
            if let (Slot::Coded(column), Some(part)) = (slot, part) {
                sheet.columns.coded[column].fill(part, arena, side, row..row + 1);
            }
        }
    }
}

/// The parts of a finding's type; those behind a separator that is missing are missing.
fn type_parts(text: &str) -> [Option<&str>; 4] {
    let Some((purpose, rest)) = text.split_once(':') else { return [None; 4] };
    let Some((resource, rest)) = rest.split_once('/') else { return [Some(purpose), None, None, None] };
    match rest.split_once('.') {
        Some((family, detail)) => [Some(purpose), Some(resource), Some(family), Some(detail)],
        None => [Some(purpose), Some(resource), Some(rest), None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_cut_at_their_separators() {
        let parts = |text| type_parts(text).map(Option::unwrap_or_default);
        assert_eq!(parts("Backdoor:EC2/C&CActivity.B!DNS"), ["Backdoor", "EC2", "C&CActivity", "B!DNS"]);
        assert_eq!(parts("Recon:EC2/Portscan"), ["Recon", "EC2", "Portscan", ""]);
        assert_eq!(parts("AttackSequence:IAM/CompromisedCredentials")[2], "CompromisedCredentials");
        assert_eq!(parts("Odd"), ["", "", "", ""]);
        assert_eq!(parts("Odd:EC2"), ["Odd", "", "", ""]);
    }
}
