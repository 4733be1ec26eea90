//! The least and greatest number of a column in each block of rows, so that a query over a large state passes over the
//! blocks in which no row, or every row, is what it looks for. Only columns that a query has compared are kept, and a
//! block is looked at again when one of its rows has changed.

/// A comparison of a column with a number, as the range that it must be in, or outside of.
pub struct IntegerTest {
    pub column: usize,
    pub least: i64,
    pub most: i64,
    pub outside: bool,
}

impl IntegerTest {
    #[inline]
    pub fn passes(&self, value: i64) -> bool {
        (value >= self.least && value <= self.most) != self.outside
    }
}

/// Small enough that a change spoils little, large enough that its ranges are few.
pub const BLOCK_ROWS: usize = 64;

#[derive(Clone, Copy)]
struct Range {
    least: i64,
    most: i64,
}

const NOTHING: Range = Range { least: i64::MAX, most: i64::MIN };

pub enum Rows {
    None,
    Some,
    All,
}

#[derive(Default)]
pub struct Zones {
    columns: Vec<usize>,
    /// Per block: one of each column.
    ranges: Vec<Range>,
    /// Per block: whether no row of it is dead.
    whole: Vec<bool>,
    /// Per block: a row has changed since. None of a table that was never searched.
    stale: Vec<bool>,
}

impl Zones {
    #[inline]
    pub fn changed(&mut self, row: usize) {
        if let Some(stale) = self.stale.get_mut(row / BLOCK_ROWS) {
            *stale = true;
        }
    }

    /// Rows have other places.
    pub fn forget(&mut self) {
        *self = Zones::default();
    }

    /// Brings what is known up to `rows` rows. `number` is a row's value in a column, or none where it is no integer;
    /// then the answer is false.
    pub fn refresh(
        &mut self,
        tests: &[IntegerTest],
        rows: usize,
        is_live: impl Fn(usize) -> bool,
        number: impl Fn(usize, usize) -> Option<i64>,
    ) -> bool {
        let known = self.columns.len();
        for test in tests {
            if !self.columns.contains(&test.column) {
                self.columns.push(test.column);
            }
        }
        if self.columns.len() > known {
            self.ranges.clear();
            self.stale.clear();
        }
        let width = self.columns.len();
        let blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
        self.ranges.resize(blocks * width, NOTHING);
        self.whole.resize(blocks, false);
        self.stale.resize(blocks, true);
        for block in (0..blocks).filter(|block| self.stale[*block]).collect::<Vec<usize>>() {
            let ranges = &mut self.ranges[block * width..][..width];
            ranges.fill(NOTHING);
            let mut whole = true;
            for row in block * BLOCK_ROWS..rows.min((block + 1) * BLOCK_ROWS) {
                if !is_live(row) {
                    whole = false;
                    continue;
                }
                for (range, column) in ranges.iter_mut().zip(&self.columns) {
                    let value = match number(row, *column) {
                        Some(value) => value,
                        None => {
                            self.forget();
                            return false;
                        }
                    };
                    range.least = range.least.min(value);
                    range.most = range.most.max(value);
                }
            }
            self.whole[block] = whole;
            self.stale[block] = false;
        }
        true
    }

    /// Which rows of a block pass all tests, as far as its ranges tell.
    pub fn passing(&self, tests: &[IntegerTest], block: usize) -> Rows {
        let mut all = self.whole[block];
        for test in tests {
            let at = self.columns.iter().position(|column| *column == test.column).unwrap_or(0);
            let range = self.ranges[block * self.columns.len() + at];
            let apart = range.most < test.least || range.least > test.most;
            let within = range.least >= test.least && range.most <= test.most;
            if if test.outside { within } else { apart } {
                return Rows::None;
            }
            all = all && if test.outside { apart } else { within };
        }
        if all { Rows::All } else { Rows::Some }
    }
}
