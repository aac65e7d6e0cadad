//! From the command line to the command.

mod account;
mod add_contact;
mod answer_request;
mod block_contact;
mod create_account;
mod devices;
mod encryption;
mod group;
mod history;
mod invitation;
mod link;
mod link_device;
mod list;
mod receive;
mod report_event;
mod safety_number;
mod search;
mod send;
mod show_link_code;
mod transfers;

use std::io::Read as _;

use tokio::runtime;
use undertone_engine::DeviceKind;

use crate::{
    arguments::{
        AccountCommand, Arguments, Command, ContactCommand, DeviceCommand, InvitationCommand,
        LinkCommand, RequestCommand, TransferCommand,
    },
    chat,
    clock::now,
    driver::Driver,
    failure::Failure,
    printer::Printer,
    profile::Profile,
    session::check_signed_in,
};

/// What every command works with.
pub struct Context {
    /// The engine and its network.
    pub driver: Driver,
    /// Where results go.
    pub printer: Printer,
}

/// What a device is called that was given no name.
pub const DEVICE_NAME: &str = "Command line";

/// Tells the account's other devices what this one is, unless they were told.
///
/// # Errors
/// [`Failure`] if the store fails.
fn describe_device(driver: &mut Driver) -> Result<(), Failure> {
    let (engine, kind) = (driver.engine_mut(), DeviceKind::CommandLine);
    Ok(engine.describe_device(DEVICE_NAME, kind, now())?)
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`] says why not.
pub fn run(mut arguments: Arguments) -> Result<(), Failure> {
    let profile = match &arguments.command {
        Command::Account(AccountCommand::Create { server, name, .. })
        | Command::Device(DeviceCommand::Code { server, name, .. }) => {
            create_account::check(server, name)?;
            Profile::create(&arguments)?
        }
        _ => Profile::open(&arguments)?,
    };
    let mut driver = Driver::new(profile, arguments.ca_file.take());
    // A profile that was signed out may be used again, for that or for another account.
    let begins_anew = matches!(
        &arguments.command,
        Command::Account(AccountCommand::Create { .. })
            | Command::Device(DeviceCommand::Code { .. })
    );
    if !begins_anew {
        check_signed_in(&driver)?;
    }
    describe_device(&mut driver)?;
    if let Command::Chat { chat } = arguments.command {
        return chat::run(driver, chat.as_deref());
    }
    let mut context = Context {
        driver,
        printer: Printer::new(arguments.json),
    };
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(carry_out(&mut context, arguments.command));
    // A name that is still being looked up keeps nobody waiting.
    runtime.shutdown_background();
    result
}

async fn carry_out(context: &mut Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Account(AccountCommand::Create {
            server,
            name,
            invite,
            patience,
        }) => {
            let invite = invite.unwrap_or_default();
            create_account::run(context, &server, &name, &invite, patience.wait).await
        }
        Command::Account(AccountCommand::Show) => account::show(context),
        Command::Account(AccountCommand::Groups { who, patience }) => {
            account::set_added_by(context, who, patience.wait).await
        }
        Command::Link(LinkCommand::Show) => link::show(context),
        Command::Link(LinkCommand::New {
            expires, patience, ..
        }) => link::new_once(context, expires, patience.wait).await,
        Command::Link(LinkCommand::Reset { patience }) => link::reset(context, patience.wait).await,
        Command::Contact(ContactCommand::Add { link, patience }) => {
            add_contact::run(context, &or_stdin(link)?, patience.wait).await
        }
        Command::Contact(ContactCommand::SafetyNumber { contact }) => {
            safety_number::show(context, &contact)
        }
        Command::Contact(ContactCommand::Verify { contact, undo }) => {
            safety_number::verify(context, &contact, !undo)
        }
        Command::Contact(ContactCommand::Block { contact, patience }) => {
            block_contact::run(context, &contact, patience.wait).await
        }
        Command::Contacts => list::contacts(context),
        Command::Requests => list::requests(context),
        Command::Chats => list::chats(context),
        Command::Group(command) => group::run(context, command).await,
        Command::Invitations => invitation::list(context),
        Command::Invitation(InvitationCommand::Accept { id, patience }) => {
            invitation::answer(context, &id, true, patience.wait).await
        }
        Command::Invitation(InvitationCommand::Decline { id, patience }) => {
            invitation::answer(context, &id, false, patience.wait).await
        }
        Command::Device(DeviceCommand::Code { server, name, wait }) => {
            show_link_code::run(context, &server, &name, wait).await
        }
        Command::Device(DeviceCommand::Link {
            code,
            yes,
            history,
            wait,
        }) => link_device::run(context, &code, yes, history, wait).await,
        Command::Device(DeviceCommand::Rename { id, name, patience }) => {
            devices::rename(context, &id, &name, patience.wait).await
        }
        Command::Device(DeviceCommand::Revoke { id, patience }) => {
            devices::revoke(context, &id, patience.wait).await
        }
        Command::Devices => devices::list(context),
        Command::Transfers => transfers::list(context),
        Command::Transfer(TransferCommand::Cancel { id, patience }) => {
            transfers::cancel(context, &id, patience.wait).await
        }
        Command::Encryption { chat } => encryption::show(context, &chat),
        Command::Request(RequestCommand::Accept { id, patience }) => {
            answer_request::accept(context, &id, patience.wait).await
        }
        Command::Request(RequestCommand::Delete { id }) => answer_request::delete(context, &id),
        Command::Request(RequestCommand::Block { id, patience }) => {
            answer_request::block(context, &id, patience.wait).await
        }
        Command::History {
            chat,
            last,
            mark_read,
        } => history::run(context, &chat, last, mark_read),
        Command::Search { words } => search::run(context, &words.join(" ")),
        Command::Send { chat, text, wait } => {
            send::run(context, &chat, &or_stdin(text)?, wait).await
        }
        Command::Receive { wait, count } => receive::run(context, wait, count).await,
        // Handled before there is a runtime, as it makes its own.
        Command::Chat { .. } => Ok(()),
    }
}

/// What was typed, or the standard input if that was `-`.
fn or_stdin(typed: String) -> Result<String, Failure> {
    if typed != "-" {
        return Ok(typed);
    }
    let longest = undertone_content::limits::TEXT_BYTES as u64 + 2;
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(longest)
        .read_to_string(&mut text)
        .map_err(|error| Failure::Usage(format!("the standard input cannot be read: {error}")))?;
    let line_end = text.strip_suffix('\n');
    let line_end = line_end.map(|text| text.strip_suffix('\r').unwrap_or(text));
    Ok(line_end.unwrap_or(&text).to_owned())
}
