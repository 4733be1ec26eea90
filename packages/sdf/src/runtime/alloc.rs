//! The allocator: free lists by size over the system's. Operators allocate and free the same few sizes for every record, which
//! a free list answers in a few instructions. Memory of a list is kept for its size.

use std::alloc::{GlobalAlloc, Layout, System};

use super::global::Global;

const STEP: usize = 16;
const SIZE_MAX: usize = 512;
const CLASSES: usize = SIZE_MAX / STEP;
/// What is taken from the system for small blocks at once.
const CHUNK_BYTES: usize = 64 * 1024;

struct Lists {
    free: [*mut u8; CLASSES],
    chunk: usize,
    chunk_end: usize,
}

static LISTS: Global<Lists> = Global::new(Lists { free: [std::ptr::null_mut(); CLASSES], chunk: 0, chunk_end: 0 });

pub struct Allocator;

#[inline(always)]
fn class(layout: &Layout) -> Option<usize> {
    if layout.size() <= SIZE_MAX && layout.align() <= STEP && layout.size() > 0 {
        Some((layout.size() - 1) / STEP)
    } else {
        None
    }
}

#[cold]
unsafe fn carve(lists: &mut Lists, class: usize) -> *mut u8 {
    let size = (class + 1) * STEP;
    if lists.chunk_end - lists.chunk < size {
        let chunk = System.alloc(Layout::from_size_align_unchecked(CHUNK_BYTES, STEP));
        if chunk.is_null() {
            return chunk;
        }
        lists.chunk = chunk as usize;
        lists.chunk_end = lists.chunk + CHUNK_BYTES;
    }
    let block = lists.chunk as *mut u8;
    lists.chunk += size;
    block
}

// A free block holds the address of the next one in its first bytes.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match class(&layout) {
            Some(class) => {
                let lists = LISTS.get();
                let block = lists.free[class];
                if block.is_null() {
                    return carve(lists, class);
                }
                lists.free[class] = *(block as *mut *mut u8);
                block
            }
            None => System.alloc(layout),
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match class(&layout) {
            Some(class) => {
                let lists = LISTS.get();
                *(block as *mut *mut u8) = lists.free[class];
                lists.free[class] = block;
            }
            None => System.dealloc(block, layout),
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let wanted = Layout::from_size_align_unchecked(size, layout.align());
        match (class(&layout), class(&wanted)) {
            (Some(old), Some(new)) if old == new => block,
            (None, None) => System.realloc(block, layout, size),
            _ => {
                let moved = self.alloc(wanted);
                if !moved.is_null() {
                    std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                    self.dealloc(block, layout);
                }
                moved
            }
        }
    }
}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: Allocator = Allocator;
