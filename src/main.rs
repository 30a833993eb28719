//! The binary: everything is in [`amanah::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    amanah::cli::main()
}
