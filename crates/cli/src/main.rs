//! The program `undertone`: the engine at the command line and in a terminal conversation.
//!
//! It shows state and passes commands on, and knows nothing of the protocol. It must never print a secret that was not
//! asked for, nor let what others wrote steer the terminal.

mod arguments;
mod chat;
mod clock;
mod commands;
mod driver;
mod failure;
mod hex;
mod json;
mod lifetime;
mod printer;
mod profile;
mod qr_code;
mod resolve;
mod safe_text;
mod session;
mod when;
mod words;

use std::{io::Write as _, process::ExitCode};

use clap::{Parser as _, error::ErrorKind};

use arguments::Arguments;
use failure::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Without a terminal to tell it to, the exit code has to do.
            let _ = error.print();
            let asked = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            return if asked { Exit::Done } else { Exit::Other }.into();
        }
    };
    let json = arguments.json;
    match commands::run(arguments) {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            if let Some(words) = failure.report(json) {
                let _ = writeln!(std::io::stderr(), "{words}");
            }
            failure.exit().into()
        }
    }
}
