//! Runs one select: from, joins, where, group by, having, select, distinct, order by, limit.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::aggregate::Aggregate;
use super::ast::{Expr, Item, Select};
use super::eval::{truth, value, Row};
use super::order::{compare_keys, ranks};
use super::relation::{encode, Relation};
use super::Tables;
use crate::rt::cell::Scalar;
use crate::rt::frame::{Data, DataFrame, Frame};
use crate::rt::hash::Seeded;

pub fn run(select: &Select, tables: &Tables<'_>) -> Result<DataFrame, String> {
    let mut relation = match &select.from {
        Some(name) => Relation::start(name, tables, select.filter.as_ref(), !select.joins.is_empty())?,
        None => Relation::default(),
    };
    for join in &select.joins {
        relation.join(join.clone(), tables)?;
    }
    let plan = Plan::new(select, &relation)?;
    if let Some(filter) = select.filter.as_ref().filter(|_| !relation.filtered) {
        keep(&mut relation, filter.clone())?;
    }
    let frame = if plan.aggregates.is_empty() && plan.group_by.is_empty() {
        plan.rows(relation)?
    } else {
        plan.groups(&relation)?
    };
    Ok(DataFrame::new(frame))
}

fn keep(relation: &mut Relation, filter: Expr) -> Result<(), String> {
    let filter = relation.resolve(filter)?;
    let width = relation.width().max(1);
    let mut kept = Vec::new();
    for tuple in relation.tuples.chunks(width) {
        let row = Row { relation, tuple, results: &[] };
        if truth(value(&filter, &row)?.cell())? == Some(true) {
            kept.extend_from_slice(tuple);
        }
    }
    relation.tuples = kept;
    Ok(())
}

/// The query with its names resolved.
struct Plan<'q> {
    select: &'q Select,
    names: Vec<String>,
    outputs: Vec<Expr>,
    group_by: Vec<Expr>,
    having: Option<Expr>,
    order_by: Vec<Expr>,
    aggregates: Vec<(String, Option<Expr>, bool)>,
}

impl<'q> Plan<'q> {
    fn new(select: &'q Select, relation: &Relation) -> Result<Self, String> {
        let (mut names, mut outputs) = (Vec::new(), Vec::new());
        for item in &select.items {
            match item {
                Item::Star(table) => star(table.as_deref(), relation, &mut names, &mut outputs)?,
                Item::Expr { expr, name } => {
                    names.push(name.clone());
                    outputs.push(relation.resolve(expr.clone())?);
                }
            }
        }
        let mut plan = Plan {
            select,
            names,
            outputs,
            group_by: Vec::new(),
            having: None,
            order_by: Vec::new(),
            aggregates: Vec::new(),
        };
        for expr in &select.group_by {
            plan.group_by.push(plan.output_or_column(expr, relation)?);
        }
        for order in &select.order_by {
            plan.order_by.push(plan.output_or_column(&order.expr, relation)?);
        }
        plan.having = select.having.clone().map(|having| plan.output_or_column(&having, relation)).transpose()?;
        plan.collect_aggregates()?;
        Ok(plan)
    }

    /// In group by, having and order by: an output by name or number, else a column.
    fn output_or_column(&self, expr: &Expr, relation: &Relation) -> Result<Expr, String> {
        match expr {
            Expr::Literal(Scalar::Int(number)) => {
                let index = usize::try_from(*number - 1).ok().filter(|index| *index < self.outputs.len());
                index.map(|index| self.outputs[index].clone()).ok_or_else(|| format!("there is no output {}", number))
            }
            Expr::Name { table: None, column } => match self.names.iter().position(|name| name == column) {
                Some(index) => Ok(self.outputs[index].clone()),
                None => relation.resolve(expr.clone()),
            },
            _ => {
                let mut walk = |child: Expr| self.output_or_column_inside(child, relation);
                match expr {
                    Expr::Name { .. } => relation.resolve(expr.clone()),
                    _ => expr.clone().map_children(&mut walk),
                }
            }
        }
    }

    /// Inside an expression a number is a number.
    fn output_or_column_inside(&self, expr: Expr, relation: &Relation) -> Result<Expr, String> {
        match expr {
            Expr::Name { .. } => relation.resolve(expr.clone()).or_else(|error| match &expr {
                Expr::Name { table: None, column } => {
                    let index = self.names.iter().position(|name| name == column).ok_or(error)?;
                    Ok(self.outputs[index].clone())
                }
                _ => Err(error),
            }),
            other => other.map_children(&mut |child| self.output_or_column_inside(child, relation)),
        }
    }

    fn collect_aggregates(&mut self) -> Result<(), String> {
        let mut found = Vec::new();
        for list in [&mut self.outputs, &mut self.order_by] {
            for expr in list.iter_mut() {
                *expr = lift(std::mem::replace(expr, Expr::Result(0)), &mut found)?;
            }
        }
        if let Some(having) = self.having.take() {
            self.having = Some(lift(having, &mut found)?);
        }
        self.aggregates = found;
        Ok(())
    }

    fn rows(self, mut relation: Relation) -> Result<Frame, String> {
        if self.having.is_some() {
            return Err("having needs group by or an aggregate".to_string());
        }
        let order = self.sorted(relation.count(), |index, keys| {
            let row = Row { relation: &relation, tuple: tuple(&relation, index), results: &[] };
            for expr in &self.order_by {
                keys.push(value(expr, &row)?.scalar());
            }
            Ok(())
        })?;
        if let (1, false, Some(columns)) = (relation.width(), self.select.distinct, self.plain_columns()) {
            let rows: Vec<u32> = order.iter().map(|index| relation.tuples[*index]).collect();
            let table = relation.tables.remove(0).table;
            return Ok(Frame { names: self.names, count: rows.len(), data: Data::View { table, rows, columns } });
        }
        let mut cells = Vec::with_capacity(order.len() * self.outputs.len());
        for index in order {
            let row = Row { relation: &relation, tuple: tuple(&relation, index), results: &[] };
            for expr in &self.outputs {
                cells.push(value(expr, &row)?.scalar());
            }
        }
        Ok(self.made(cells))
    }

    /// The columns when the query only picks columns of one table.
    fn plain_columns(&self) -> Option<Vec<usize>> {
        let column = |expr: &Expr| match expr {
            Expr::Slot { table: 0, column } => Some(*column),
            _ => None,
        };
        self.outputs.iter().map(column).collect()
    }

    fn groups(self, relation: &Relation) -> Result<Frame, String> {
        let mut index: HashMap<Vec<u8>, usize, Seeded> = HashMap::default();
        let mut groups: Vec<(usize, Vec<Aggregate>)> = Vec::new();
        if self.group_by.is_empty() {
            groups.push((0, self.fresh()?));
        }
        let mut key = Vec::new();
        for at in 0..relation.count() {
            let row = Row { relation, tuple: tuple(relation, at), results: &[] };
            let mut group = 0;
            if !self.group_by.is_empty() {
                key.clear();
                for expr in &self.group_by {
                    encode(value(expr, &row)?.cell(), &mut key);
                }
                group = match index.get(&key) {
                    Some(group) => *group,
                    None => {
                        groups.push((at, self.fresh()?));
                        index.insert(key.clone(), groups.len() - 1);
                        groups.len() - 1
                    }
                };
            }
            for (state, (_, argument, _)) in groups[group].1.iter_mut().zip(&self.aggregates) {
                match argument {
                    Some(argument) => state.add(value(argument, &row)?.cell())?,
                    None => state.add_row(),
                }
            }
        }
        self.group_outputs(relation, groups)
    }

    fn fresh(&self) -> Result<Vec<Aggregate>, String> {
        self.aggregates.iter().map(|(name, _, distinct)| Aggregate::new(name, *distinct)).collect()
    }

    fn group_outputs(self, relation: &Relation, groups: Vec<(usize, Vec<Aggregate>)>) -> Result<Frame, String> {
        let nothing = vec![super::relation::NO_ROW; relation.width()];
        let mut finished: Vec<(&[u32], Vec<Scalar>)> = Vec::new();
        for (first, states) in groups {
            let results: Vec<Scalar> = states.into_iter().map(Aggregate::finish).collect();
            let tuple = if relation.count() == 0 { &nothing[..] } else { tuple(relation, first) };
            let kept = match &self.having {
                Some(having) => truth(value(having, &Row { relation, tuple, results: &results })?.cell())? == Some(true),
                None => true,
            };
            if kept {
                finished.push((tuple, results));
            }
        }
        let order = self.sorted(finished.len(), |index, keys| {
            let (tuple, results) = &finished[index];
            let row = Row { relation, tuple: *tuple, results };
            for expr in &self.order_by {
                keys.push(value(expr, &row)?.scalar());
            }
            Ok(())
        })?;
        let mut cells = Vec::with_capacity(order.len() * self.outputs.len());
        for index in order {
            let (tuple, results) = &finished[index];
            let row = Row { relation, tuple: *tuple, results };
            for expr in &self.outputs {
                cells.push(value(expr, &row)?.scalar());
            }
        }
        Ok(self.made(cells))
    }

    /// Row numbers in order, cut to offset and limit when nothing after it removes rows.
    fn sorted(
        &self,
        count: usize,
        keys_of: impl Fn(usize, &mut Vec<Scalar>) -> Result<(), String>,
    ) -> Result<Vec<usize>, String> {
        let mut order: Vec<usize> = (0..count).collect();
        if !self.order_by.is_empty() {
            let width = self.order_by.len();
            let mut keys = Vec::with_capacity(count * width);
            for index in 0..count {
                keys_of(index, &mut keys)?;
            }
            if let Some(mut ranks) = ranks(&self.select.order_by, &keys) {
                self.sort(&mut ranks, |a, b| a.cmp(b));
                order.clear();
                order.extend(ranks.iter().map(|(_, index)| *index as usize));
                if !self.select.distinct {
                    cut(&mut order, self.select, 1);
                }
                return Ok(order);
            }
            // The row number decides ties: the sort is stable, and so is the selection.
            let by = |a: &usize, b: &usize| {
                let (a, b) = (*a, *b);
                compare_keys(&self.select.order_by, &keys[a * width..][..width], &keys[b * width..][..width])
                    .then(a.cmp(&b))
            };
            self.sort(&mut order, by);
        }
        if !self.select.distinct {
            cut(&mut order, self.select, 1);
        }
        Ok(order)
    }

    /// Of what the limit does not want only the order is lost.
    fn sort<T>(&self, list: &mut Vec<T>, by: impl Fn(&T, &T) -> Ordering + Copy) {
        let wanted = self.select.limit.map(|limit| limit.saturating_add(self.select.offset));
        if let Some(wanted) = wanted.filter(|wanted| *wanted < list.len() && !self.select.distinct) {
            if wanted > 0 {
                list.select_nth_unstable_by(wanted - 1, by);
            }
            list.truncate(wanted);
        }
        list.sort_unstable_by(by);
    }

    fn made(self, mut cells: Vec<Scalar>) -> Frame {
        let width = self.names.len();
        if self.select.distinct {
            let mut seen: HashSet<Vec<u8>, Seeded> = HashSet::default();
            let mut kept = Vec::new();
            for row in cells.chunks(width) {
                let mut key = Vec::new();
                row.iter().for_each(|cell| encode(cell.cell(), &mut key));
                if seen.insert(key) {
                    kept.extend_from_slice(row);
                }
            }
            cells = kept;
            cut(&mut cells, self.select, width);
        }
        Frame { count: cells.len() / width, names: self.names, data: Data::Made(cells) }
    }
}

fn tuple(relation: &Relation, index: usize) -> &[u32] {
    if relation.width() == 0 {
        return &[];
    }
    relation.tuple(index)
}

fn cut<T>(list: &mut Vec<T>, select: &Select, width: usize) {
    let offset = (select.offset * width).min(list.len());
    list.drain(..offset);
    if let Some(limit) = select.limit {
        list.truncate(limit.saturating_mul(width));
    }
}

fn star(table: Option<&str>, relation: &Relation, names: &mut Vec<String>, outputs: &mut Vec<Expr>) -> Result<(), String> {
    let mut found = false;
    for (index, bound) in relation.tables.iter().enumerate() {
        if table.map_or(false, |table| table != bound.alias) {
            continue;
        }
        found = true;
        for (column, name) in bound.columns.iter().enumerate() {
            // A later table's equal name gets its table behind it, as in Polars.
            let taken = names.contains(name);
            names.push(if taken { format!("{}:{}", name, bound.alias) } else { name.clone() });
            outputs.push(Expr::Slot { table: index, column });
        }
    }
    if found {
        return Ok(());
    }
    Err(match table {
        Some(table) => format!("no table \"{}\" for {}.*", table, table),
        None => "* needs a table".to_string(),
    })
}

/// Replaces aggregates by the number of their result.
fn lift(expr: Expr, found: &mut Vec<(String, Option<Expr>, bool)>) -> Result<Expr, String> {
    match expr {
        Expr::Aggregate { name, argument, distinct } => {
            let aggregate = (name, argument.map(|a| *a), distinct);
            let known = found.iter().position(|other| *other == aggregate);
            let index = known.unwrap_or_else(|| {
                found.push(aggregate);
                found.len() - 1
            });
            Ok(Expr::Result(index))
        }
        other => other.map_children(&mut |child| lift(child, found)),
    }
}
