//! The repository's own commands: `cargo xtask test` runs every gate, `cargo xtask run` sets up a server and two
//! people on this machine. It downloads no binary: what cargo cannot build comes from the system's packages.

// Talking to the person at the terminal is this program's purpose.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod in_node;
mod npm;
mod process;
mod programs;
mod run;
mod system;
mod test;
mod tools;
mod web;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
The commands of this repository:

  cargo xtask run  [--listen 127.0.0.1:PORT] [--demo] [--once]
      Build the browser client, the server and the command-line client, start the server on this machine and say what
      to open.
      --demo   two people meet, write to each other and show what they see
      --once   with --demo: stop the server and leave afterwards (always so without a terminal)

  cargo xtask test [--long] [--advisories] [--only GATE]
      Run every gate in order and end with a summary and `N passed, N failed`.
      --long         also fuzz every decoder for a minute, and run 2,000 seeds of each simulation
      --advisories   also ask the RustSec database (needs the network)
      --only         run one gate alone, by its name: `--long --only fuzzing`

  cargo xtask web  [--release-key FILE]
      Build the browser client alone and print its sizes. `run` and `test` do so by themselves.
      --release-key  sign with the key in this file (64 hexadecimal digits; also UNDERTONE_RELEASE_KEY)

  cargo xtask in-node PROGRAM [FILTER]
      Run the tests in a program for wasm32; cargo does so by itself when it tests for that target.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.split_first() {
        Some((&"test", flags)) => test::Options::parse(flags).and_then(test::test),
        Some((&"run", flags)) => run::Options::parse(flags).and_then(|options| run::run(&options)),
        Some((&"web", flags)) => web::Options::parse(flags).and_then(|options| web::web(&options)),
        Some((&"in-node", rest)) => {
            in_node::Options::parse(rest).and_then(|options| in_node::run(&options))
        }
        Some((&("help" | "--help" | "-h"), _)) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
