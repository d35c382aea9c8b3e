//! DataFusion's errors in a person's words.

use arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;
use trailhouse_lake::LakeError;

use crate::error::QueryError;
use crate::suggest;

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        let root = error.find_root();
        if let Some(known) = of_statement(root) {
            return known;
        }
        let why = sentence(&root.strip_backtrace());
        match root {
            DataFusionError::ResourcesExhausted(_) => Self::Memory { why: before_consumers(&why).to_owned() },
            DataFusionError::ArrowError(arrow, _) if !is_of_file(arrow) => of_value(arrow),
            DataFusionError::Execution(_) => Self::Value { why },
            // A regular expression that is none.
            DataFusionError::External(_) if why.contains("regex parse error") => Self::Value { why },
            DataFusionError::ArrowError(..)
            | DataFusionError::ParquetError(_)
            | DataFusionError::ObjectStore(_)
            | DataFusionError::IoError(_) => Self::Unreadable { why, source: error.into() },
            DataFusionError::External(lake) if lake.is::<LakeError>() => Self::Unreadable { why, source: error.into() },
            _ => Self::Engine { why, source: error.into() },
        }
    }
}

fn of_value(error: &ArrowError) -> QueryError {
    let why = sentence(&error.to_string());
    match error {
        ArrowError::CastError(_) | ArrowError::ParseError(_) => QueryError::Cast { why },
        _ => QueryError::Value { why },
    }
}

/// What is wrong with the statement, where that is what is wrong.
fn of_statement(error: &DataFusionError) -> Option<QueryError> {
    Some(match error {
        DataFusionError::SchemaError(schema, _) => of_schema(schema),
        DataFusionError::SQL(parser, _) => QueryError::Syntax { why: of_parser(parser) },
        DataFusionError::Plan(text) => of_plan(text),
        DataFusionError::NotImplemented(text) => QueryError::Statement { why: sentence(text) },
        DataFusionError::External(error) => of_ours(error.as_ref())?,
        DataFusionError::ObjectStore(error) => match error.as_ref() {
            object_store::Error::Generic { source, .. } => of_ours(source.as_ref())?,
            _ => return None,
        },
        _ => return None,
    })
}

/// What this crate said to the engine, as it comes back.
fn of_ours(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<QueryError> {
    Some(match error.downcast_ref()? {
        QueryError::JsonPath { function, path } => QueryError::JsonPath { function, path: path.clone() },
        QueryError::DatePattern { specifier } => QueryError::DatePattern { specifier: specifier.clone() },
        QueryError::Damaged { file, why } => QueryError::Damaged { file: file.clone(), why: why.clone() },
        _ => return None,
    })
}

fn of_schema(error: &SchemaError) -> QueryError {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let name =
                field.relation.as_ref().map_or_else(String::new, |relation| format!("{relation}.")) + &field.name;
            let known = || valid_fields.iter().map(|field| field.name.as_str());
            let mut close = suggest::columns_of_field(&name);
            close.retain(|column| known().any(|known| known == column));
            if close.is_empty() {
                close = suggest::close(&field.name, known());
            }
            QueryError::UnknownColumn { name, close }
        }
        SchemaError::AmbiguousReference { field } => QueryError::AmbiguousColumn { name: field.name.clone() },
        other => QueryError::Statement { why: sentence(&other.to_string()) },
    }
}

fn of_parser(error: &ParserError) -> String {
    match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => first_line(text).to_owned(),
        ParserError::RecursionLimitExceeded => "it has too many brackets inside one another".to_owned(),
    }
}

fn of_plan(text: &str) -> QueryError {
    if let Some(name) = text.strip_suffix("' is not a variable which can be viewed with 'SHOW'") {
        let name = name.trim_start_matches('\'').replace('.', " ");
        return QueryError::NotShown { what: format!("SHOW {name}") };
    }
    if text.contains("unique expression names") {
        return QueryError::EqualNames;
    }
    if text.contains("Unexpected argument type to 'json_") {
        return QueryError::JsonOperator;
    }
    let Some((name, rest)) = text.strip_prefix("Invalid function '").and_then(|rest| rest.split_once('\'')) else {
        return QueryError::Statement { why: sentence(text) };
    };
    // The engine offers a name however far away it is.
    let offered = rest.split('\'').nth(1);
    QueryError::UnknownFunction { name: name.to_owned(), close: suggest::close(name, offered.into_iter()).pop() }
}

/// Whether it is about a file and not about a value.
fn is_of_file(error: &ArrowError) -> bool {
    matches!(error, ArrowError::ParquetError(_) | ArrowError::IoError(..) | ArrowError::IpcError(_))
}

/// What the engine says before it says what happened.
const PREFIXES: [&str; 9] = [
    "Arrow error: ",
    "Cast error: ",
    "Compute error: ",
    "Error during planning: ",
    "Execution error: ",
    "External error: ",
    "Internal error: ",
    "Parser error: ",
    "Resources exhausted: ",
];

/// What the reader of files says before it says what happened.
const READER_PREFIXES: [&str; 4] = ["Parquet error: ", "Parquet argument error: ", "Arrow: ", "External: "];

/// The engine's text as our errors are written: one line, lower case, no full stop, none of its prefixes.
fn sentence(text: &str) -> String {
    let mut line = first_line(text);
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| line.strip_prefix(prefix)) {
        line = rest;
    }
    // Some say it again in the middle, or end a sentence twice.
    let line = &PREFIXES.iter().fold(line.replace(".. ", ". "), |line, prefix| line.replace(prefix, ""));
    // A regular expression's fault stands at the end of several lines.
    let fault = text.lines().skip(1).find_map(|line| line.strip_prefix("error: "));
    let line = match fault {
        Some(fault) => format!("{}: {fault}", line.trim_end_matches("Syntax(").trim_end_matches([':', ' '])),
        None => line.clone(),
    };
    let mut characters = line.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(line.chars().skip(1)).collect()
        }
        _ => line,
    }
}

/// The error of a statement's own condition, which the reader of files evaluates and reports as if it were the file's.
pub(crate) fn of_filter(text: &str) -> Option<DataFusionError> {
    let (_, error) = text.split_once("Error evaluating filter predicate: ")?;
    // It comes as Rust's debug text.
    let quoted = error.split_once("(\"").and_then(|(_, rest)| rest.split_once("\")")).map(|(text, _)| text);
    let why = quoted.map_or_else(|| error.to_owned(), |text| text.replace("\\\"", "\""));
    let arrow = match () {
        () if error.contains("DivideByZero") => ArrowError::DivideByZero,
        () if error.contains("CastError(") || error.contains("ParseError(") => ArrowError::CastError(why),
        () => return Some(DataFusionError::Execution(why)),
    };
    Some(DataFusionError::ArrowError(Box::new(arrow), None))
}

/// What a file's reader says, without its saying again that it is one.
pub(crate) fn told(text: &str) -> String {
    let mut line = first_line(text);
    while let Some(rest) = READER_PREFIXES.iter().find_map(|prefix| line.strip_prefix(prefix)) {
        line = rest;
    }
    let text = sentence(line);
    READER_PREFIXES.iter().fold(text, |text, prefix| text.replace(prefix, ""))
}

/// Who has how much of the memory follows in lines of their own: they are left out, and so is their announcement.
fn before_consumers(why: &str) -> &str {
    why.split_once(" with top memory consumers").map_or(why, |(why, _)| why)
}

/// DataFusion adds backtraces and advice of its own behind the first line.
fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_speaks_as_we_do() {
        assert_eq!(sentence("Divide by zero error"), "divide by zero error");
        assert_eq!(sentence("Internal error: Error during planning: Too few.\nadvice"), "too few");
        assert_eq!(sentence("It failed with: Error during planning: few.. Add one."), "it failed with: few. Add one");
        assert_eq!(sentence("UTC is no zone"), "UTC is no zone");
        assert_eq!(
            sentence("Regular expression did not compile: Syntax(\n~~~\nregex:\n    (\nerror: unclosed group\n~~~)"),
            "regular expression did not compile: unclosed group"
        );
        assert_eq!(sentence(""), "");
    }
}
