//! Event time: which windows a record belongs to, how far time has come, and which windows are due.
//!
//! Windows are `[start, end)`, aligned to the epoch. A window closes when the watermark has reached its end and the grace
//! period; from then on its records are late. The watermark follows the rules of ABI.md, section Time.

use std::rc::Rc;

use super::persist::{self, Input};

/// Before the first record; also the start of the window of a service without windows.
pub const BEGINNING: i64 = i64::MIN;

#[derive(Clone, Copy)]
pub struct WindowSpec {
    pub duration_ms: i64,
    /// Equal to the duration for tumbling windows.
    pub slide_ms: i64,
    pub grace_ms: i64,
    pub idleness_ms: Option<f64>,
}

struct Partition {
    source: u32,
    number: u32,
    last_ms: i64,
    /// Processing time of the last record; after a restore, the age of it as a negative number until time is known.
    arrived_ms: f64,
}

/// How far each source partition has come.
pub struct Partitions {
    parts: Vec<Partition>,
    mark: i64,
    /// Partitions carry ages instead of times since a restore.
    aged: bool,
}

impl Partition {
    /// Event time as far as silence tells; nothing while there was no record.
    fn known_ms(&self, silent_ms: f64) -> i64 {
        if self.last_ms == BEGINNING {
            BEGINNING
        } else {
            self.last_ms.saturating_add(silent_ms as i64)
        }
    }
}

impl Default for Partitions {
    fn default() -> Self {
        Partitions { parts: Vec::new(), mark: BEGINNING, aged: false }
    }
}

impl Partitions {
    pub fn mark(&self) -> i64 {
        self.mark
    }

    fn settle(&mut self, now_ms: f64) {
        if self.aged {
            self.aged = false;
            for part in &mut self.parts {
                part.arrived_ms += now_ms;
            }
        }
    }

    /// A record with this event time has been assigned to its windows.
    pub fn observe(&mut self, source: u32, number: u32, time_ms: i64, now_ms: f64) {
        self.settle(now_ms);
        for part in &mut self.parts {
            if part.source == source && part.number == number {
                part.last_ms = part.last_ms.max(time_ms);
                part.arrived_ms = now_ms;
                return;
            }
        }
        self.parts.push(Partition { source, number, last_ms: time_ms, arrived_ms: now_ms });
    }

    /// There is such a partition: the watermark waits for its first record, or until it is idle.
    pub fn declare(&mut self, source: u32, number: u32, now_ms: f64) {
        self.settle(now_ms);
        if !self.parts.iter().any(|part| part.source == source && part.number == number) {
            self.parts.push(Partition { source, number, last_ms: BEGINNING, arrived_ms: now_ms });
        }
    }

    /// The watermark now. It never goes back. Silence brings it to `closing_ms`, where the newest window closes, and
    /// no farther: what has not come may be held up, and is in time for a window that nobody has been told of.
    pub fn advance(&mut self, idleness_ms: Option<f64>, now_ms: f64, closing_ms: i64) -> i64 {
        self.settle(now_ms);
        let (mut active, mut idle, mut seen): (Option<i64>, i64, i64) = (None, BEGINNING, BEGINNING);
        for part in &self.parts {
            let silent_ms = now_ms - part.arrived_ms;
            seen = seen.max(part.last_ms);
            match idleness_ms {
                Some(limit) if silent_ms >= limit => idle = idle.max(part.known_ms(silent_ms)),
                _ => active = Some(active.map_or(part.last_ms, |least| least.min(part.last_ms))),
            }
        }
        self.mark = self.mark.max(active.unwrap_or_else(|| seen.max(idle.min(closing_ms))));
        self.mark
    }

    pub fn save(&self, out: &mut Vec<u8>, now_ms: f64) {
        persist::i64(out, self.mark);
        persist::u32(out, self.parts.len() as u32);
        for part in &self.parts {
            persist::u32(out, part.source);
            persist::u32(out, part.number);
            persist::i64(out, part.last_ms);
            persist::f64(out, if self.aged { part.arrived_ms } else { part.arrived_ms - now_ms });
        }
    }

    pub fn load(input: &mut Input<'_>) -> Option<Self> {
        let mark = input.i64()?;
        let count = input.u32()?;
        let mut parts = Vec::new();
        for _ in 0..count {
            let (source, number) = (input.u32()?, input.u32()?);
            parts.push(Partition { source, number, last_ms: input.i64()?, arrived_ms: input.f64()? });
        }
        Some(Partitions { parts, mark, aged: true })
    }
}

/// What a window holds: the states of a service.
pub trait Holder: Default {
    /// Empty, with the room that this one has come to need.
    fn alike(&self) -> Self;
}

/// The open windows of a service; `W` holds its states.
pub struct Windows<W> {
    spec: WindowSpec,
    /// By start, ascending.
    open: Vec<(i64, Rc<W>)>,
    /// Windows that end here or before were closed by `finish`.
    finished_ms: i64,
}

impl<W: Holder> Windows<W> {
    pub fn new(spec: WindowSpec) -> Self {
        Windows { spec, open: Vec::new(), finished_ms: BEGINNING }
    }

    pub fn spec(&self) -> &WindowSpec {
        &self.spec
    }

    pub fn open_count(&self) -> usize {
        self.open.len()
    }

    /// The start of the only window of a tumbling service that holds `time_ms`.
    #[inline]
    pub fn start(&self, time_ms: i64) -> i64 {
        time_ms - time_ms.rem_euclid(self.spec.slide_ms)
    }

    /// The starts of the windows that hold `time_ms`, the earliest first.
    pub fn starts(&self, time_ms: i64) -> impl Iterator<Item = i64> {
        let WindowSpec { duration_ms, slide_ms, .. } = self.spec;
        let last = time_ms.div_euclid(slide_ms) * slide_ms;
        let count = (duration_ms - (time_ms - last) + slide_ms - 1) / slide_ms;
        (0..count).rev().map(move |n| last - n * slide_ms)
    }

    pub fn is_late(&self, start: i64, mark: i64) -> bool {
        let end = start.saturating_add(self.spec.duration_ms);
        end <= self.finished_ms || (mark != BEGINNING && mark >= end.saturating_add(self.spec.grace_ms))
    }

    /// The window that starts at `start`, made when it is new.
    #[inline]
    pub fn at(&mut self, start: i64) -> &Rc<W> {
        let index = match self.open.last() {
            Some((last, _)) if *last == start => self.open.len() - 1,
            _ => match self.open.binary_search_by_key(&start, |(start, _)| *start) {
                Ok(index) => index,
                Err(index) => {
                    let states = self.open.last().map_or_else(W::default, |(_, newest)| newest.alike());
                    self.open.insert(index, (start, Rc::new(states)));
                    index
                }
            },
        };
        &self.open[index].1
    }

    /// Takes out the earliest window when it is due at this watermark. It is gone whatever its flush does then.
    pub fn take_due(&mut self, mark: i64) -> Option<(i64, i64, Rc<W>)> {
        let start = self.open.first()?.0;
        let end = start.saturating_add(self.spec.duration_ms);
        if mark == BEGINNING || mark < end.saturating_add(self.spec.grace_ms) {
            return None;
        }
        let (_, states) = self.open.remove(0);
        Some((start, end, states))
    }

    /// Takes out the earliest window, due or not.
    pub fn take_first(&mut self) -> Option<(i64, i64, Rc<W>)> {
        if self.open.is_empty() {
            return None;
        }
        let (start, states) = self.open.remove(0);
        let end = start.saturating_add(self.spec.duration_ms);
        self.finished_ms = self.finished_ms.max(end);
        Some((start, end, states))
    }

    /// The watermark that closes the newest open window; the beginning when none is open.
    pub fn closing_ms(&self) -> i64 {
        let WindowSpec { duration_ms, grace_ms, .. } = self.spec;
        self.open.last().map_or(BEGINNING, |(start, _)| start.saturating_add(duration_ms).saturating_add(grace_ms))
    }

    pub fn newest(&self) -> Option<(i64, Rc<W>)> {
        self.open.last().map(|(start, states)| (*start, states.clone()))
    }

    pub fn each(&self) -> impl Iterator<Item = &Rc<W>> {
        self.open.iter().map(|(_, states)| states)
    }

    pub fn save(&self, out: &mut Vec<u8>, save: fn(&W, &mut Vec<u8>)) {
        persist::i64(out, self.finished_ms);
        persist::u32(out, self.open.len() as u32);
        for (start, states) in &self.open {
            persist::i64(out, *start);
            save(states, out);
        }
    }

    pub fn load(&mut self, input: &mut Input<'_>, load: fn(&mut Input<'_>) -> Option<W>) -> Option<()> {
        self.finished_ms = input.i64()?;
        let count = input.u32()?;
        self.open.clear();
        for _ in 0..count {
            let start = input.i64()?;
            self.open.push((start, Rc::new(load(input)?)));
        }
        Some(())
    }
}
