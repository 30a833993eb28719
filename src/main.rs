//! The binary: everything is in [`amanah::cli`].

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;
use zeroizing_alloc::ZeroAlloc;

/// Wipes all that is given back, also what the libraries below forget: age keeps what it encrypts in
/// a buffer that it does not wipe. The allocator beneath is jemalloc, because an import allocates on
/// all processors, again and again for each record.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<Jemalloc> = ZeroAlloc(Jemalloc);

fn main() -> ExitCode {
    amanah::cli::main()
}
