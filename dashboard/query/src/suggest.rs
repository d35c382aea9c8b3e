//! The names that someone meant who typed another one.

use trailhouse_schemas::{Origin, TABLES};

/// Edits between a name and the one that was meant, at most; of short names, a third of their characters.
const EDITS_MAX: usize = 3;
/// Names that are offered at most.
const NAMES_MAX: usize = 3;
/// How far away a name is that only has the other within it.
const WITHIN_COST: usize = EDITS_MAX + 1;

/// The known names nearest to `typed`, nearest first. Case, underscores and dots make no difference.
pub(crate) fn close<'k>(typed: &str, known: impl Iterator<Item = &'k str>) -> Vec<String> {
    let plain = plain(typed);
    let mut rated: Vec<(usize, usize, &str)> =
        known.filter_map(|name| distance(&plain, name).map(|distance| (distance, name.len(), name))).collect();
    rated.sort_unstable();
    rated.dedup();
    let nearest = rated.first().map_or(0, |(distance, ..)| *distance);
    rated.retain(|(distance, ..)| nearest > 0 || *distance == 0);
    rated.into_iter().take(NAMES_MAX).map(|(.., name)| name.to_owned()).collect()
}

/// The columns that hold the field that AWS calls `typed`, such as `event_name` for `eventName`.
pub(crate) fn columns_of_field(typed: &str) -> Vec<String> {
    let plain = plain(typed);
    let columns = TABLES.iter().flat_map(|table| table.columns);
    let holds = |origin: Origin| origin.field().is_some_and(|path| self::plain(path) == plain);
    columns.filter(|column| holds(column.origin)).map(|column| column.name.to_owned()).collect()
}

/// What is left of a name without the ways to write it.
fn plain(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '_' | '.')).flat_map(char::to_lowercase).collect()
}

fn distance(typed: &str, known: &str) -> Option<usize> {
    let known = plain(known);
    let edits = edits(typed, &known);
    let is_near = edits <= EDITS_MAX && edits * 3 <= typed.chars().count().max(3);
    let is_within = typed.len() >= 3 && (known.contains(typed) || typed.contains(&known));
    match is_near {
        true => Some(edits),
        false => is_within.then_some(WITHIN_COST),
    }
}

/// How many characters must be put in, left out or changed to make `b` of `a` (Levenshtein's distance).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[b.len()]
}

/// Names as a question: ``did you mean `a` or `b`?``
pub(crate) fn question(names: &[String]) -> Option<String> {
    let (last, others) = names.split_last()?;
    let others = others.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let or = if others.is_empty() { "" } else { " or " };
    Some(format!("did you mean {others}{or}`{last}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!((edits("", "abc"), edits("kitten", "sitting"), edits("abc", "abc")), (3, 3, 0));
    }

    #[test]
    fn near_names_are_found() {
        let known = ["rejects", "cloudtrail", "event_name", "event_time", "source_ip_address", "vpc_endpoint_id"];
        let close = |typed: &str| close(typed, known.into_iter());
        assert_eq!(close("cloudtrial"), ["cloudtrail"]);
        assert_eq!(close("EventName"), ["event_name"], "an exact one needs no others");
        assert_eq!(close("event_tame"), ["event_name", "event_time"]);
        assert_eq!(close("source_ip"), ["source_ip_address"]);
        assert_eq!((close("something").len(), close("x").len(), close("ip").len()), (0, 0, 0));
    }

    #[test]
    fn fields_lead_to_columns() {
        assert_eq!(columns_of_field("sourceipaddress"), ["source_ip_address"]);
        assert_eq!(columns_of_field("userIdentity.sessionContext.sessionIssuer.arn"), ["session_issuer_arn"]);
        assert!(columns_of_field("nothing").is_empty());
    }

    #[test]
    fn questions_read_well() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let questions = [0, 1, 2, 3].map(|number| question(&names[..number]).unwrap_or_default());
        let expected = ["", "did you mean `a`?", "did you mean `a` or `b`?", "did you mean `a`, `b` or `c`?"];
        assert_eq!(questions, expected);
    }
}
