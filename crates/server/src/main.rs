//! The program `undertone-server`: reads the settings and does what the command line says.

mod front;

use std::{error::Error, io::Write as _, process::ExitCode};

use clap::Parser as _;

use front::{
    check_config::check_config,
    command::{Arguments, Command, ConfigCommand, InviteCommand},
    create_invite::create_invite,
    logging, serve,
    settings::Settings,
};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = format!("undertone-server: {error}");
            let mut source = error.source();
            while let Some(error) = source {
                text.push_str(&format!(": {error}"));
                source = error.source();
            }
            // Without standard error there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{text}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let settings = Settings::load(arguments.flags)?;
    match arguments.command {
        None => {
            logging::start(settings.log_format, settings.log_level);
            serve::serve(&settings)?;
        }
        Some(Command::Invite(InviteCommand::Create { uses })) => {
            let code = create_invite(&settings, uses)?;
            writeln!(std::io::stdout(), "{code}")?;
        }
        Some(Command::Config(ConfigCommand::Check)) => {
            let file = check_config(&settings)?;
            write!(std::io::stdout(), "{file}")?;
        }
    }
    Ok(())
}
