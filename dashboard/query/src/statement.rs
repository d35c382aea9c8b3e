//! From text to a plan that only reads.

use datafusion::common::{Column, ExprSchema, TableReference};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Query, SetExpr, Statement as Sql};
use datafusion_functions_json::{JSON_UNION_DATA_TYPE, udfs::json_union_to_text_udf};
use trailhouse_schemas::{FOLDED, TABLES};

use crate::balance::balance;
use crate::error::QueryError;
use crate::{bounds, suggest};

/// Plans one statement.
pub(crate) async fn plan(context: &SessionContext, sql: &str) -> Result<LogicalPlan, QueryError> {
    bounds::expect(sql)?;
    let state = context.state();
    let statement = parse(&state, sql)?;
    expect_reading(&statement)?;
    for table in state.resolve_table_references(&statement)? {
        expect_table(context, &state, &table)?;
    }
    let plan = state.statement_to_plan(statement).await?;
    // Once more, by what is planned: `INTO` makes a table of what a query reads.
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reading.verify_plan(&plan).map_err(|_| QueryError::NotReading { what: "SELECT … INTO".to_owned() })?;
    Ok(balance(json_as_text(plan)?)?)
}

fn parse(state: &SessionState, sql: &str) -> Result<Statement, QueryError> {
    let dialect = state.config_options().sql_parser.dialect;
    state.sql_to_statement(sql, &dialect).map_err(|error| match error.find_root() {
        DataFusionError::NotImplemented(_) => QueryError::SeveralStatements,
        DataFusionError::Plan(_) => QueryError::NoStatement,
        _ => error.into(),
    })
}

/// Refuses what does anything but read.
fn expect_reading(statement: &Statement) -> Result<(), QueryError> {
    let is_reading = match statement {
        Statement::Explain(explain) => return expect_reading(&explain.statement),
        Statement::Statement(sql) if let Sql::Query(query) = sql.as_ref() => return expect_reading_query(query),
        Statement::Statement(sql) => matches!(
            sql.as_ref(),
            Sql::Explain { .. }
                | Sql::ExplainTable { .. }
                | Sql::ShowTables { .. }
                | Sql::ShowColumns { .. }
                | Sql::ShowFunctions { .. }
                | Sql::ShowVariable { .. }
        ),
        Statement::CreateExternalTable(_) | Statement::CopyTo(_) | Statement::Reset(_) => false,
    };
    if is_reading {
        return Ok(());
    }
    let text = statement.to_string();
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    Err(match first.as_str() {
        "SHOW" => QueryError::NotShown { what: format!("SHOW {}", words.next().unwrap_or_default()) },
        _ => QueryError::NotReading { what: first },
    })
}

/// The same of what a query is made of: Postgres lets queries change things on their way.
fn expect_reading_query(query: &Query) -> Result<(), QueryError> {
    for table in query.with.iter().flat_map(|with| &with.cte_tables) {
        expect_reading_query(&table.query)?;
    }
    expect_reading_body(&query.body)
}

fn expect_reading_body(body: &SetExpr) -> Result<(), QueryError> {
    let what = match body {
        SetExpr::Query(query) => return expect_reading_query(query),
        SetExpr::SetOperation { left, right, .. } => {
            expect_reading_body(left)?;
            return expect_reading_body(right);
        }
        SetExpr::Insert(_) => "INSERT",
        SetExpr::Update(_) => "UPDATE",
        SetExpr::Delete(_) => "DELETE",
        SetExpr::Merge(_) => "MERGE",
        _ => return Ok(()),
    };
    Err(QueryError::NotReading { what: what.to_owned() })
}

fn expect_table(context: &SessionContext, state: &SessionState, table: &TableReference) -> Result<(), QueryError> {
    // Functions that make rows stand where tables do.
    if context.table_exist(table.clone()).unwrap_or(false) || state.table_functions().contains_key(table.table()) {
        return Ok(());
    }
    let known = || TABLES.iter().chain(FOLDED).map(|table| table.name);
    let close = suggest::close(table.table(), known());
    Err(QueryError::UnknownTable { name: table.to_string(), close, known: known().map(str::to_owned).collect() })
}

/// `->` gives a union of what a JSON value can be, which no file format takes: it leaves a query as JSON text.
fn json_as_text(plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
    let is_json = |column: &Column| -> bool {
        plan.schema().field_from_column(column).is_ok_and(|field| *field.data_type() == *JSON_UNION_DATA_TYPE)
    };
    let columns = plan.schema().columns();
    if !columns.iter().any(is_json) {
        return Ok(plan);
    }
    let as_text = |column: Column| match is_json(&column) {
        true => json_union_to_text_udf().call(vec![Expr::Column(column.clone())]).alias(column.name),
        false => Expr::Column(column),
    };
    let columns: Vec<Expr> = columns.into_iter().map(as_text).collect();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}
