//! DataFusion's errors in a person's words.

use std::fmt;

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use trailhouse_schemas::TABLES;

/// Edits between a name and the one that was meant, at most.
const EDITS_MAX: usize = 3;

/// Why a statement could not be answered.
#[derive(Debug)]
pub struct QueryError {
    source: DataFusionError,
    text: String,
    hint: Option<String>,
}

impl QueryError {
    pub(crate) fn new(source: DataFusionError) -> Self {
        let (text, hint) = describe(source.find_root());
        Self { text, hint, source }
    }

    /// What to try next.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone()
    }

    /// Whether another statement, and nothing else, would help.
    pub fn is_usage(&self) -> bool {
        use DataFusionError as E;
        !matches!(
            self.source.find_root(),
            E::ObjectStore(_) | E::IoError(_) | E::ParquetError(_) | E::ResourcesExhausted(_) | E::Internal(_)
        )
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for QueryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// The error in a sentence, and advice.
fn describe(error: &DataFusionError) -> (String, Option<String>) {
    match error {
        DataFusionError::SchemaError(schema, _) => describe_schema(schema),
        DataFusionError::SQL(parser, _) => (format!("this is not SQL: {parser}"), None),
        DataFusionError::Plan(text) => describe_plan(text),
        DataFusionError::ResourcesExhausted(text) => (
            format!("the query needs more memory than it may use: {}", first_line(text)),
            Some("read fewer days or columns, or aggregate earlier".to_owned()),
        ),
        other => (first_line(&other.strip_backtrace()).to_owned(), None),
    }
}

fn describe_schema(error: &SchemaError) -> (String, Option<String>) {
    let SchemaError::FieldNotFound { field, valid_fields } = error else {
        return (first_line(&error.to_string()).to_owned(), None);
    };
    let close = closest(&field.name, valid_fields.iter().map(|field| field.name.as_str()));
    let hint = close.map_or_else(
        || "`trailhouse tables --format markdown` lists every column".to_owned(),
        |name| format!("did you mean `{name}`?"),
    );
    (format!("no column `{}`", field.name), Some(hint))
}

fn describe_plan(text: &str) -> (String, Option<String>) {
    let table = text.strip_prefix("table '").and_then(|rest| rest.split_once("' not found"));
    let Some((table, _)) = table else { return (first_line(text).to_owned(), None) };
    let name = table.rsplit('.').next().unwrap_or(table);
    let known = TABLES.iter().map(|table| format!("`{}`", table.name)).collect::<Vec<_>>().join(", ");
    let hint = closest(name, TABLES.iter().map(|table| table.name))
        .map_or_else(|| format!("the tables are {known}"), |name| format!("did you mean `{name}`?"));
    (format!("no table `{name}`"), Some(hint))
}

/// DataFusion adds backtraces and advice of its own behind the first line.
fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default().trim_end_matches('.')
}

/// The name nearest to `name`, if one is near.
fn closest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let rated = names.map(|known| (edits(name, known), known));
    rated.filter(|(edits, _)| *edits <= EDITS_MAX).min().map(|(_, known)| known)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        assert_eq!((edits("", "abc"), edits("kitten", "sitting"), edits("abc", "abc")), (3, 3, 0));
        assert_eq!(closest("cloudtrial", ["rejects", "cloudtrail"].into_iter()), Some("cloudtrail"));
        assert_eq!(closest("something", ["rejects", "cloudtrail"].into_iter()), None);
    }
}
