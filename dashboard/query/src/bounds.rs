//! Statements that the engine would not come back from: see [`limits`](crate::limits).

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::QueryError;
use crate::limits::{CONDITIONS_MAX, STATEMENT_BYTES_MAX, STEPS_MAX};

/// What a token is to whoever walks down a statement.
enum Kind {
    /// It joins or makes conditions, of which long chains are made shallow.
    Condition,
    /// It can lead a step further down.
    Step,
    /// It stands beside others.
    Flat,
}

/// Refuses a statement that is too long or too deep.
pub(crate) fn expect(sql: &str) -> Result<(), QueryError> {
    expect_at_most(sql.len(), "bytes", STATEMENT_BYTES_MAX)?;
    // What is no text of SQL is the parser's to refuse.
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else { return Ok(()) };
    let tokens: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let (mut conditions, mut steps) = (0, 0);
    for (place, token) in tokens.iter().enumerate() {
        match kind(token, &tokens[..place], &tokens[place + 1..]) {
            Kind::Condition => conditions += 1,
            Kind::Step => steps += 1,
            Kind::Flat => {}
        }
    }
    expect_at_most(conditions, "conditions and their joints", CONDITIONS_MAX)?;
    expect_at_most(steps, "operators and keywords", STEPS_MAX)
}

fn expect_at_most(size: usize, unit: &'static str, limit: usize) -> Result<(), QueryError> {
    if size > limit { Err(QueryError::TooLong { size, unit, limit }) } else { Ok(()) }
}

fn kind(token: &Token, before: &[&Token], rest: &[&Token]) -> Kind {
    match token {
        Token::Word(word) => of_word(word.keyword),
        Token::Eq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => Kind::Condition,
        // Lists of values are flat; each table of a list is joined with all before it.
        Token::Comma => {
            let next = rest.iter().find(|token| !matches!(token, Token::LParen | Token::Minus));
            if next.is_some_and(|next| is_value(next)) { Kind::Flat } else { Kind::Step }
        }
        // A negative number of a list.
        Token::Minus if matches!((before.last(), rest.first()), (Some(Token::Comma), Some(Token::Number(..)))) => {
            Kind::Flat
        }
        // The parser counts brackets itself.
        Token::LParen | Token::RParen | Token::Period | Token::SemiColon => Kind::Flat,
        token if is_value(token) => Kind::Flat,
        _ => Kind::Step,
    }
}

fn of_word(keyword: Keyword) -> Kind {
    match keyword {
        Keyword::NoKeyword | Keyword::NULL | Keyword::TRUE | Keyword::FALSE => Kind::Flat,
        Keyword::OR
        | Keyword::AND
        | Keyword::NOT
        | Keyword::LIKE
        | Keyword::ILIKE
        | Keyword::IN
        | Keyword::IS
        | Keyword::BETWEEN => Kind::Condition,
        _ => Kind::Step,
    }
}

fn is_value(token: &Token) -> bool {
    match token {
        Token::Number(..) | Token::SingleQuotedString(_) => true,
        Token::Word(word) => matches!(word.keyword, Keyword::NULL | Keyword::TRUE | Keyword::FALSE),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_flat_and_chains_are_not() {
        let list = |term: &str, between: &str, count: usize| vec![term; count].join(between);
        assert!(expect(&format!("SELECT x IN ({})", list("'a'", ", ", 50_000))).is_ok());
        assert!(expect(&format!("SELECT * FROM (VALUES {})", list("('a', -1, NULL)", ", ", 50_000))).is_ok());
        assert!(expect(&format!("SELECT 1 WHERE {}", list("x LIKE 'a'", " OR ", 4000))).is_ok());
        for (deep, unit) in [
            (format!("SELECT 1 WHERE {}", list("x LIKE 'a'", " OR ", 5000)), "conditions and their joints"),
            (format!("SELECT {}", list("1", "+", 2002)), "operators and keywords"),
            (format!("SELECT 1 FROM {}", list("t", ",", 2002)), "operators and keywords"),
            (format!("SELECT {}", list("-", " ", 2002)), "operators and keywords"),
            (format!("SELECT 1{}", "::int".repeat(2002)), "operators and keywords"),
            (format!("SELECT '{}'", "x".repeat(STATEMENT_BYTES_MAX)), "bytes"),
        ] {
            let error = expect(&deep).unwrap_err();
            assert!(matches!(error, QueryError::TooLong { unit: named, .. } if named == unit), "{error}");
        }
    }
}
