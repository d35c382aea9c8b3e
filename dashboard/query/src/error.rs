//! What can go wrong with a query, and DataFusion's errors in a person's words.

use arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;

use crate::suggest;

/// Why a statement could not be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// There is no statement.
    #[error("there is no statement")]
    NoStatement,
    /// There are several.
    #[error("there is more than one statement")]
    SeveralStatements,
    /// The statement would change something.
    #[error("`{what}` is no query: a lake is only read")]
    NotReading {
        /// Its first word.
        what: String,
    },
    /// It is not SQL.
    #[error("this is not SQL: {why}")]
    Syntax {
        /// What was expected, what was found, and where.
        why: String,
    },
    /// A table that is not there.
    #[error("no table `{name}`")]
    UnknownTable {
        /// The name.
        name: String,
        /// Names that may have been meant.
        close: Vec<String>,
        /// Every table.
        known: Vec<String>,
    },
    /// A column that is not there.
    #[error("no column `{name}`")]
    UnknownColumn {
        /// The name.
        name: String,
        /// Names that may have been meant.
        close: Vec<String>,
    },
    /// A column that two tables of the statement have.
    #[error("column `{name}` stands in more than one table of the statement")]
    AmbiguousColumn {
        /// The name.
        name: String,
    },
    /// A function that is not there.
    #[error("no function `{name}`")]
    UnknownFunction {
        /// The name.
        name: String,
        /// One that may have been meant.
        close: Option<String>,
    },
    /// A JSON path that is none.
    #[error("`{path}` is no JSON path for `{function}`")]
    JsonPath {
        /// The function.
        function: &'static str,
        /// The path.
        path: String,
    },
    /// The statement makes no sense in another way.
    #[error("{why}")]
    Statement {
        /// Why.
        why: String,
    },
    /// A value that cannot be made the type that the statement asks for.
    #[error("{why}")]
    Cast {
        /// Which value and which type.
        why: String,
    },
    /// A value that cannot be worked with as the statement asks.
    #[error("{why}")]
    Value {
        /// Why.
        why: String,
    },
    /// Memory ran out and nothing could be spilled.
    #[error("the query needs more memory than it may use: {why}")]
    Memory {
        /// What asked for how much.
        why: String,
    },
    /// A file of the lake could not be read.
    #[error("reading the lake failed: {why}")]
    Unreadable {
        /// Why.
        why: String,
        /// The same.
        #[source]
        source: Box<DataFusionError>,
    },
    /// The engine broke down over something that it did not expect, such as a damaged file.
    #[error("the query engine broke down: {why}")]
    Panic {
        /// Its last words.
        why: String,
    },
    /// The engine failed.
    #[error("the query failed: {why}")]
    Engine {
        /// Why.
        why: String,
        /// The same.
        #[source]
        source: Box<DataFusionError>,
    },
}

impl QueryError {
    /// Whether another statement, and nothing else, would help.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Memory { .. } | Self::Unreadable { .. } | Self::Panic { .. } | Self::Engine { .. })
    }

    /// What to try next.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::SeveralStatements => "ask one at a time",
            Self::UnknownTable { close, known, .. } => {
                let tables = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                return suggest::question(close).or_else(|| Some(format!("the tables are {tables}")));
            }
            Self::UnknownColumn { close, .. } if !close.is_empty() => return suggest::question(close),
            Self::UnknownColumn { .. } => "text stands in single quotes; `DESCRIBE cloudtrail` lists the columns",
            Self::AmbiguousColumn { .. } => "put the table's name and a dot before it",
            Self::UnknownFunction { close: Some(name), .. } => return suggest::question(std::slice::from_ref(name)),
            Self::UnknownFunction { .. } => "`SHOW FUNCTIONS` lists them",
            Self::JsonPath { .. } => "a path looks like `$.a.b[0][\"c d\"]`",
            Self::Cast { .. } => "`TRY_CAST` gives null where a value does not fit",
            Self::Memory { .. } => "ask for fewer days or columns, or give it more memory",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

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
            DataFusionError::ArrowError(..)
            | DataFusionError::ParquetError(_)
            | DataFusionError::ObjectStore(_)
            | DataFusionError::IoError(_) => Self::Unreadable { why, source: error.into() },
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
        DataFusionError::External(error) => match error.downcast_ref()? {
            QueryError::JsonPath { function, path } => QueryError::JsonPath { function, path: path.clone() },
            _ => return None,
        },
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
const PREFIXES: [&str; 8] = [
    "Arrow error: ",
    "Cast error: ",
    "Compute error: ",
    "Error during planning: ",
    "Execution error: ",
    "Internal error: ",
    "Parser error: ",
    "Resources exhausted: ",
];

/// The engine's text as our errors are written: one line, lower case, no full stop, none of its prefixes.
fn sentence(text: &str) -> String {
    let mut line = first_line(text);
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| line.strip_prefix(prefix)) {
        line = rest;
    }
    // A regular expression's fault stands at the end of several lines.
    let fault = text.lines().skip(1).find_map(|line| line.strip_prefix("error: "));
    let line = match fault {
        Some(fault) => format!("{}: {fault}", line.trim_end_matches("Syntax(").trim_end_matches([':', ' '])),
        None => line.to_owned(),
    };
    let mut characters = line.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(line.chars().skip(1)).collect()
        }
        _ => line,
    }
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
        assert_eq!(sentence("UTC is no zone"), "UTC is no zone");
        assert_eq!(
            sentence("Regular expression did not compile: Syntax(\n~~~\nregex:\n    (\nerror: unclosed group\n~~~)"),
            "regular expression did not compile: unclosed group"
        );
        assert_eq!(sentence(""), "");
    }
}
