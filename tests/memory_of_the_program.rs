//! The same as `memory.rs` with the allocator of the program. jemalloc leaves what was given back where
//! it was for longer than the system's does, so that whatever nobody wiped would be found.
#![allow(missing_docs)]

use tikv_jemallocator::Jemalloc;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<Jemalloc> = ZeroAlloc(Jemalloc);

#[path = "memory.rs"]
mod memory;
