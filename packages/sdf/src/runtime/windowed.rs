//! A service with windows at run time: its open windows, how far its partitions are, and the window in hand.

use std::rc::Rc;

use super::persist::{self, Input};
use super::report::ServiceState;
use super::window::{Holder, Partitions, WindowSpec, Windows, BEGINNING};

const EVERYTHING: (i64, i64) = (i64::MIN, i64::MAX);

pub struct Windowed<S> {
    pub windows: Windows<S>,
    partitions: Partitions,
    /// Source, partition and greatest time of the record in hand; moves the watermark when the record is done.
    pub seen: Option<(u32, u32, i64)>,
    /// What `window()` gives.
    pub bounds: (i64, i64),
    /// The window that was entered last; it is in hand while `inside`.
    current: Option<Rc<S>>,
    current_start: i64,
    inside: bool,
    /// States of the last window that closed, for services that read them.
    pub last: Option<Rc<S>>,
    nothing: Rc<S>,
}

impl<S: Holder> Windowed<S> {
    pub fn new(spec: WindowSpec) -> Self {
        Windowed {
            windows: Windows::new(spec),
            partitions: Partitions::default(),
            seen: None,
            bounds: EVERYTHING,
            current: None,
            current_start: BEGINNING,
            inside: false,
            last: None,
            nothing: Rc::default(),
        }
    }

    /// The states of the window in hand; empty ones outside of any window.
    #[inline]
    pub fn states(&self) -> &S {
        match &self.current {
            Some(current) if self.inside => current,
            _ => &self.nothing,
        }
    }

    pub fn last_states(&self) -> &S {
        self.last.as_ref().unwrap_or(&self.nothing)
    }

    #[inline]
    pub fn see(&mut self, source: u32, partition: u32, time_ms: i64) {
        let time_ms = self.seen.map_or(time_ms, |(_, _, seen)| seen.max(time_ms));
        self.seen = Some((source, partition, time_ms));
    }

    /// Takes the window at `start` in hand; false when the record is late for it.
    #[inline]
    pub fn enter(&mut self, start: i64) -> bool {
        if self.windows.is_late(start, self.partitions.mark()) {
            return false;
        }
        if self.current.is_none() || self.current_start != start {
            self.current = Some(self.windows.at(start).clone());
            self.current_start = start;
        }
        self.inside = true;
        self.bounds = (start, start.saturating_add(self.windows.spec().duration_ms));
        true
    }

    /// Takes a window that has been closed in hand for its flush.
    pub fn open(&mut self, start: i64, end: i64, states: &Rc<S>) {
        self.current = Some(states.clone());
        self.inside = true;
        self.bounds = (start, end);
    }

    /// Takes the newest open window in hand for a look from outside.
    pub fn look(&mut self) {
        if let Some((start, states)) = self.windows.newest() {
            self.bounds = (start, start.saturating_add(self.windows.spec().duration_ms));
            self.current_start = start;
            self.current = Some(states);
            self.inside = true;
        }
    }

    /// After the flush. The closed window must not be entered again.
    pub fn flushed(&mut self) {
        self.current = None;
        self.close();
    }

    #[inline]
    pub fn close(&mut self) {
        self.inside = false;
        self.bounds = EVERYTHING;
    }

    /// There is such a partition; without idleness nothing waits for it before its first record.
    pub fn declare(&mut self, source: u32, partition: u32, now_ms: f64) {
        if self.windows.spec().idleness_ms.is_some() {
            self.partitions.declare(source, partition, now_ms);
        }
    }

    /// The watermark after the record in hand, or after time has passed.
    #[inline]
    pub fn advance(&mut self, now_ms: f64) -> i64 {
        self.close();
        if let Some((source, partition, time_ms)) = self.seen.take() {
            self.partitions.observe(source, partition, time_ms, now_ms);
        }
        self.partitions.advance(self.windows.spec().idleness_ms, now_ms, self.windows.closing_ms())
    }

    pub fn save(&self, out: &mut Vec<u8>, now_ms: f64, save: fn(&S, &mut Vec<u8>)) {
        self.windows.save(out, save);
        self.partitions.save(out, now_ms);
        persist::u32(out, self.last.is_some() as u32);
        if let Some(last) = &self.last {
            save(last, out);
        }
    }

    pub fn load(&mut self, input: &mut Input<'_>, load: fn(&mut Input<'_>) -> Option<S>) -> Option<()> {
        self.windows.load(input, load)?;
        self.partitions = Partitions::load(input)?;
        self.last = if input.u32()? == 1 { Some(Rc::new(load(input)?)) } else { None };
        Some(())
    }

    pub fn state(&self, name: &'static str, rows: fn(&S) -> usize) -> ServiceState {
        let mark = self.partitions.mark();
        ServiceState {
            name,
            open_windows: self.windows.open_count(),
            watermark: if mark == BEGINNING { None } else { Some(mark) },
            rows: self.windows.each().map(|states| rows(states)).sum(),
        }
    }
}
