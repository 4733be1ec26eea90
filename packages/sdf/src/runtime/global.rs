//! Mutable statics without locks: a module runs on one thread and the host never re-enters it.

use std::cell::UnsafeCell;

pub struct Global<T>(UnsafeCell<T>);

// One thread, see above.
unsafe impl<T> Sync for Global<T> {}

impl<T> Global<T> {
    pub const fn new(value: T) -> Self {
        Global(UnsafeCell::new(value))
    }

    /// A plain pointer and no guard: a trap must not leave a lock taken for the records after it.
    #[allow(clippy::mut_from_ref)]
    #[inline(always)]
    pub fn get(&self) -> &mut T {
        unsafe { &mut *self.0.get() }
    }
}

/// What the static holds, made when it holds nothing yet.
#[inline(always)]
pub fn made<T>(held: &'static Global<Option<T>>, make: fn() -> T) -> &'static mut T {
    #[cold]
    #[inline(never)]
    fn fill<T>(held: &'static Global<Option<T>>, make: fn() -> T) -> &'static mut T {
        held.get().insert(make())
    }
    match held.get() {
        Some(value) => value,
        None => fill(held, make),
    }
}
