//! What can be typed after `undertone`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::lifetime;

mod devices;

pub use devices::{DeviceCommand, History, TransferCommand};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  wrong usage, or another failure
  2  no such profile, account, chat, contact, member, request, invitation or device, or several that fit; no device
     shows this code
  3  the server cannot be reached; what was asked is kept and goes on with the next command that connects
  4  refused by the server or the other device, or the link leads nowhere any more
  5  the time ran out; what was asked is kept and goes on with the next command that connects
  6  another command uses the profile, or the passphrase is missing or wrong
  7  the profile's data is damaged, or was written by a newer version
  8  this device was signed out from another of yours; nothing is left on it

Of linking a device nothing is kept until it was agreed to: it begins anew with another code.

CHAT, CONTACT and DEVICE are ids, beginnings of ids (4 characters or more) that fit one alone, or names that only one has.
TEXT and LINK may be -, and are then read from the standard input, where no other user of the machine sees them.";

const ABOUT_PROFILES: &str = "\
Private messages between people, end-to-end encrypted.

A profile is a directory with one account. Without --passphrase-file, the key to its data lies beside the data: other
users of the machine are kept out by file permissions, but whoever gets hold of the disk or of a copy can read
everything. A passphrase, given when the account is made, protects against that as far as it is hard to guess, and as
far as its file does not lie on the same disk.";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "undertone", version, about = "Private messages between people, end-to-end encrypted.",
    long_about = ABOUT_PROFILES, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Arguments {
    /// The directory of the profile [default: undertone in $XDG_DATA_HOME or ~/.local/share]
    #[arg(long, global = true, env = "UNDERTONE_PROFILE", value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// The file whose first line is the profile's passphrase
    #[arg(
        long,
        global = true,
        env = "UNDERTONE_PASSPHRASE_FILE",
        value_name = "FILE"
    )]
    pub passphrase_file: Option<PathBuf>,
    /// Certificates (PEM) that a server's certificate may rest on, beside the usual ones
    #[arg(long, global = true, env = "UNDERTONE_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How long to wait while another command uses the profile
    #[arg(long, global = true, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub lock_wait: Duration,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an account, or show the one of this profile
    #[command(subcommand)]
    Account(AccountCommand),
    /// Show, make and reset the links by which others reach you
    #[command(subcommand)]
    Link(LinkCommand),
    /// Add, compare, verify and block a contact
    #[command(subcommand)]
    Contact(ContactCommand),
    /// List the contacts
    Contacts,
    /// List the strangers who ask to write to you
    Requests,
    /// Answer a request
    #[command(subcommand)]
    Request(RequestCommand),
    /// List the chats, the last changed first
    Chats,
    /// Found a group, and change the groups that you are in
    #[command(subcommand)]
    Group(GroupCommand),
    /// List the groups to which somebody wants to add you
    Invitations,
    /// Answer an invitation to a group
    #[command(subcommand)]
    Invitation(InvitationCommand),
    /// Link another device of yours, name it, or sign it out
    #[command(subcommand)]
    Device(DeviceCommand),
    /// List your devices
    Devices,
    /// List the histories that went to other devices of yours or came from them
    Transfers,
    /// Stop a history that is under way
    #[command(subcommand)]
    Transfer(TransferCommand),
    /// Show how a chat is encrypted, and which devices can read it
    Encryption {
        /// The chat
        chat: String,
    },
    /// Show the messages of a chat
    History {
        /// The chat
        chat: String,
        /// Only the newest N
        #[arg(long, value_name = "N")]
        last: Option<u64>,
        /// Count them as read, which the other side is told
        #[arg(long)]
        mark_read: bool,
    },
    /// Find messages that hold all the words, the newest first
    Search {
        /// The words; the last one may be a beginning
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Write a message; it is kept at once, and sent when a command connects
    Send {
        /// The chat
        chat: String,
        /// The text, or - for the standard input
        #[arg(allow_hyphen_values = true)]
        text: String,
        /// Connect, and wait so long for the server to have it
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        wait: Option<Duration>,
    },
    /// Connect, send what waits, and print what is new
    Receive {
        /// How long to wait for more once all that waited is here
        #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
        wait: Duration,
        /// End after N messages
        #[arg(long, value_name = "N")]
        count: Option<u64>,
    },
    /// Talk in the terminal
    Chat {
        /// The chat to open first
        chat: Option<String>,
    },
}

/// What can be done with the account.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Make the account of a new profile
    Create {
        /// The server's address, such as `https://chat.example`
        #[arg(long, value_name = "URL")]
        server: String,
        /// The name that your contacts see
        #[arg(long)]
        name: String,
        /// The invite code, if the server wants one
        #[arg(long, value_name = "CODE")]
        invite: Option<String>,
        #[command(flatten)]
        patience: Patience,
    },
    /// Show the account
    Show,
    /// Say who may add you to groups
    Groups {
        /// Contacts, or nobody who has not asked you
        who: AddedBy,
        #[command(flatten)]
        patience: Patience,
    },
}

/// Who may add one to groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AddedBy {
    /// Any contact
    Contacts,
    /// Nobody: contacts send an invitation
    Ask,
}

/// What can be done with one's links.
#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// Show the reusable link: who has it can ask to write to you
    Show,
    /// Make a link for one person, who is accepted at once
    New {
        /// For one person, once
        #[arg(long, required = true)]
        once: bool,
        /// When it ends by itself: 30m, 12h, 7d, 2w
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = lifetime::parse)]
        expires: Duration,
        #[command(flatten)]
        patience: Patience,
    },
    /// Make another reusable link; the one before leads nowhere from then on
    Reset {
        #[command(flatten)]
        patience: Patience,
    },
}

/// What can be done with a contact.
#[derive(Debug, Subcommand)]
pub enum ContactCommand {
    /// Follow the contact link of somebody
    Add {
        /// The link, or - for the standard input
        link: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Show the safety number, to compare with theirs by another way
    SafetyNumber {
        /// The contact
        contact: String,
    },
    /// Note that you have compared the safety numbers and they are the same
    Verify {
        /// The contact
        contact: String,
        /// Take it back
        #[arg(long)]
        undo: bool,
    },
    /// Let nothing of theirs in any more; they are told nothing
    Block {
        /// The contact
        contact: String,
        #[command(flatten)]
        patience: Patience,
    },
}

/// The answers to a request.
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Accept: they become a contact and see your name
    Accept {
        /// The request
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Delete it with what came with it; they are told nothing
    Delete {
        /// The request
        id: String,
    },
    /// Delete it and let nothing of theirs in any more; they are told nothing
    Block {
        /// The request
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
}

/// What can be done with groups.
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Found a group
    Create {
        /// What it is called
        name: String,
        /// A contact to add; may be given several times
        #[arg(long = "member", value_name = "CONTACT")]
        members: Vec<String>,
        /// What it is for
        #[arg(long, value_name = "TEXT", default_value = "")]
        description: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Show a group and its rules
    Show {
        /// The group
        chat: String,
    },
    /// List who is in a group
    Members {
        /// The group
        chat: String,
    },
    /// Add a contact
    Add {
        /// The group
        chat: String,
        /// The contact
        contact: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Remove somebody with all their devices
    Remove {
        /// The group
        chat: String,
        /// Who
        contact: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Leave; only admins are told
    Leave {
        /// The group
        chat: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Call it something else
    Rename {
        /// The group
        chat: String,
        /// What it is called from now on
        name: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Say what it is for
    Describe {
        /// The group
        chat: String,
        /// The description; empty to take it away
        text: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Make somebody an admin, or a member like the others
    Role {
        /// The group
        chat: String,
        /// Who
        contact: String,
        /// What they are from now on
        role: Role,
        #[command(flatten)]
        patience: Patience,
    },
    /// Say who may do what
    Rules {
        /// The group
        chat: String,
        /// Who may write
        #[arg(long, value_name = "WHO")]
        send: Option<Who>,
        /// Who may change title and description
        #[arg(long, value_name = "WHO")]
        edit: Option<Who>,
        /// Who may add people
        #[arg(long, value_name = "WHO")]
        add: Option<Who>,
        /// Who may pin messages
        #[arg(long, value_name = "WHO")]
        pin: Option<Who>,
        /// Who may mention everybody
        #[arg(long, value_name = "WHO")]
        mention_all: Option<Who>,
        #[command(flatten)]
        patience: Patience,
    },
    /// Be called something else in this group alone
    Name {
        /// The group
        chat: String,
        /// The name; empty for the usual one
        name: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Found it anew, if somebody broke it and you are an admin
    Renew {
        /// The group
        chat: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// End it for everybody; what was said stays with those who have it
    Dissolve {
        /// The group
        chat: String,
        #[command(flatten)]
        patience: Patience,
    },
}

/// What somebody is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Governs it
    Admin,
    /// Is in it
    Member,
}

/// To whom something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Who {
    /// To everybody in the group
    All,
    /// To admins alone
    Admins,
}

/// The answers to an invitation.
#[derive(Debug, Subcommand)]
pub enum InvitationCommand {
    /// Accept: whoever invites can add you to this group
    Accept {
        /// The invitation
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Decline; whoever invites is told
    Decline {
        /// The invitation
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
}

/// How long a command that needs the server waits for it.
#[derive(Debug, Clone, Copy, Args)]
pub struct Patience {
    /// How long to wait for the server
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub wait: Duration,
}

/// Whole seconds, up to a year.
fn seconds(text: &str) -> Result<Duration, String> {
    const YEAR: u64 = 365 * 24 * 3_600;
    match text.parse() {
        Ok(seconds) if seconds <= YEAR => Ok(Duration::from_secs(seconds)),
        _ => Err("a whole number of seconds, up to a year".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &[&str]) -> Arguments {
        Arguments::try_parse_from([&["undertone", "--profile", "p"][..], line].concat()).unwrap()
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_text_may_begin_with_hyphens_and_options_may_stand_on_both_sides() {
        for line in [
            ["send", "ben", "-1 is less than 0", "--wait", "5"],
            ["send", "--wait", "5", "ben", "-1 is less than 0"],
        ] {
            let Command::Send { chat, text, wait } = parse(&line).command else {
                panic!("not a send");
            };
            assert_eq!(
                (chat.as_str(), text.as_str(), wait),
                ("ben", "-1 is less than 0", Some(Duration::from_secs(5)))
            );
        }
    }

    #[test]
    fn global_options_may_stand_behind_the_command() {
        assert!(parse(&["contacts", "--json"]).json);
        assert_eq!(
            parse(&["chats", "--lock-wait", "1"]).lock_wait,
            Duration::from_secs(1)
        );
    }

    #[test]
    fn seconds_have_a_limit() {
        assert!(seconds("31536000").is_ok());
        for bad in ["31536001", "-1", "1.5", "", "5s"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
