//! Long chains of `OR` and `AND`, made shallow.
//!
//! `a OR b OR c …` is a tree as deep as it has terms, and the engine looks at all that is below each of its steps: a list
//! of thousands of patterns would take minutes. Halved again and again it is a dozen steps deep.

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};

/// Chains of more terms are halved.
const TERMS_MAX: usize = 16;

/// The plan with shallow conditions. Only those of filters: a column is named after its expression.
pub(crate) fn balance(plan: LogicalPlan) -> Result<LogicalPlan> {
    let shallow = |step: LogicalPlan| match step {
        LogicalPlan::Filter(_) => step.map_expressions(|condition| condition.transform_down(halve)),
        _ => Ok(Transformed::no(step)),
    };
    plan.transform_down_with_subqueries(shallow).data()
}

fn halve(expression: Expr) -> Result<Transformed<Expr>> {
    let Expr::BinaryExpr(BinaryExpr { op: op @ (Operator::Or | Operator::And), .. }) = expression else {
        return Ok(Transformed::no(expression));
    };
    if left_depth(&expression, op) <= TERMS_MAX {
        return Ok(Transformed::no(expression));
    }
    Ok(Transformed::yes(join(terms(expression, op), op)))
}

/// How often `op` stands below itself on the left, where a chain grows.
fn left_depth(mut expression: &Expr, op: Operator) -> usize {
    let mut depth = 0;
    while let Expr::BinaryExpr(binary) = expression
        && binary.op == op
    {
        expression = &binary.left;
        depth += 1;
    }
    depth
}

/// The terms of a chain, in their order.
fn terms(chain: Expr, op: Operator) -> Vec<Expr> {
    let (mut terms, mut rest) = (Vec::new(), vec![chain]);
    while let Some(expression) = rest.pop() {
        match expression {
            Expr::BinaryExpr(binary) if binary.op == op => rest.extend([*binary.left, *binary.right]),
            term => terms.push(term),
        }
    }
    terms.reverse();
    terms
}

fn join(mut terms: Vec<Expr>, op: Operator) -> Expr {
    while terms.len() > 1 {
        let mut pairs = Vec::with_capacity(terms.len().div_ceil(2));
        let mut rest = terms.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right))),
                None => left,
            });
        }
        terms = pairs;
    }
    terms.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::col;

    use super::*;

    #[test]
    fn chains_keep_their_terms_and_lose_their_depth() {
        let names: Vec<String> = (0..1000).map(|number| format!("c{number}")).collect();
        let chain = names.iter().map(col).reduce(Expr::or).unwrap();
        assert_eq!(left_depth(&chain, Operator::Or), 999);
        let shallow = halve(chain).unwrap().data;
        assert_eq!(left_depth(&shallow, Operator::Or), 10);
        assert_eq!(terms(shallow, Operator::Or), names.iter().map(col).collect::<Vec<_>>());
    }
}
