//! `group …`: groups are founded, changed and shown. A change is kept at once and carried out while the command waits,
//! or by the next one that connects.

use std::time::Duration;

use rand_core::{OsRng, RngCore as _};
use undertone_engine::{ChatId, ChatState, Engine, Permitted};

use super::Context;
use crate::{
    arguments::{GroupCommand, Patience, Role, Who},
    clock::now,
    failure::Failure,
    hex,
    json::{Chat, Group, GroupMade, Member},
    resolve, safe_text, session, words,
};

/// Does what was asked.
///
/// # Errors
/// [`Failure`]; of those of the network, the change is made later.
pub async fn run(context: &mut Context, command: GroupCommand) -> Result<(), Failure> {
    match command {
        GroupCommand::Create {
            name,
            members,
            description,
            patience,
        } => create(context, &name, &description, &members, patience.wait).await,
        GroupCommand::Show { chat } => show(context, &chat),
        GroupCommand::Members { chat } => members(context, &chat),
        GroupCommand::Add {
            chat,
            contact,
            patience,
        } => {
            change(context, &chat, patience, |engine, chat| {
                let contact = resolve::contact(engine, &contact)?;
                Ok(engine.add_to_group(chat, &contact.account, now())?)
            })
            .await
        }
        GroupCommand::Remove {
            chat,
            contact,
            patience,
        } => {
            change(context, &chat, patience, |engine, chat| {
                let member = resolve::member(engine, chat, &contact)?;
                Ok(engine.remove_from_group(chat, &member.account, now())?)
            })
            .await
        }
        GroupCommand::Leave { chat, patience } => {
            change(context, &chat, patience, |engine, chat| {
                Ok(engine.leave_group(chat, now())?)
            })
            .await
        }
        GroupCommand::Rename {
            chat,
            name,
            patience,
        } => {
            change(context, &chat, patience, |engine, chat| {
                Ok(engine.rename_group(chat, &name, now())?)
            })
            .await
        }
        GroupCommand::Describe {
            chat,
            text,
            patience,
        } => {
            change(context, &chat, patience, |engine, chat| {
                Ok(engine.describe_group(chat, &text, now())?)
            })
            .await
        }
        GroupCommand::Role {
            chat,
            contact,
            role,
            patience,
        } => {
            change(context, &chat, patience, |engine, chat| {
                let member = resolve::member(engine, chat, &contact)?;
                Ok(engine.set_role(chat, &member.account, role == Role::Admin, now())?)
            })
            .await
        }
        GroupCommand::Rules {
            chat,
            send,
            edit,
            add,
            pin,
            mention_all,
            patience,
        } => {
            let wanted = [
                (Permitted::Send, send),
                (Permitted::Edit, edit),
                (Permitted::Add, add),
                (Permitted::Pin, pin),
                (Permitted::MentionAll, mention_all),
            ];
            change(context, &chat, patience, |engine, chat| {
                for (what, who) in wanted {
                    if let Some(who) = who {
                        engine.set_permission(chat, what, who == Who::All, now())?;
                    }
                }
                Ok(())
            })
            .await
        }
        GroupCommand::Name {
            chat,
            name,
            patience,
        } => {
            change(context, &chat, patience, |engine, chat| {
                Ok(engine.set_name_in_group(chat, &name, now())?)
            })
            .await
        }
        GroupCommand::Renew { chat, patience } => {
            change(context, &chat, patience, |engine, chat| {
                Ok(engine.renew_group(chat, now())?)
            })
            .await
        }
        GroupCommand::Dissolve { chat, patience } => {
            change(context, &chat, patience, |engine, chat| {
                Ok(engine.dissolve_group(chat, now())?)
            })
            .await
        }
    }
}

async fn create(
    context: &mut Context,
    name: &str,
    description: &str,
    members: &[String],
    wait: Duration,
) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let members = members
        .iter()
        .map(|typed| Ok(resolve::contact(engine, typed)?.account))
        .collect::<Result<Vec<_>, Failure>>()?;
    let mut id = [0; 16];
    OsRng.fill_bytes(&mut id);
    let chat = ChatId::new(id);
    engine.create_group(chat, name, description, &members, now())?;
    let made = GroupMade {
        chat: hex::encode(chat.as_bytes()),
    };
    context
        .printer
        .show(&made, || format!("{}  founded", made.chat))?;
    tell(context, wait).await
}

/// Changes the group that is meant, lets the change go out, and shows the group as it is then.
async fn change(
    context: &mut Context,
    chat: &str,
    patience: Patience,
    change: impl FnOnce(&mut Engine, &ChatId) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let chat = resolve::chat(engine, chat)?.chat;
    change(engine, &chat)?;
    let told = tell(context, patience.wait).await;
    let chats = context.driver.engine().chats()?;
    if let Some(view) = chats.into_iter().find(|view| view.chat == chat) {
        print(context, &view.chat, view.state)?;
    }
    told
}

fn print(context: &Context, chat: &ChatId, state: ChatState) -> Result<(), Failure> {
    if state != ChatState::Active {
        let chats = context.driver.engine().chats()?;
        let Some(view) = chats.into_iter().find(|view| view.chat == *chat) else {
            return Ok(());
        };
        let line = Chat::new(&view);
        return context
            .printer
            .show(&line, || words::chat_state(&view).unwrap_or_default());
    }
    let view = context.driver.engine().group(chat)?;
    context.printer.show(&Group::new(&view), || {
        let people = view.people;
        let more = if view.changing {
            "; what is left goes on with the next command that connects"
        } else {
            ""
        };
        format!("{}: {people} people{more}", safe_text::line(&view.title))
    })
}

fn show(context: &Context, chat: &str) -> Result<(), Failure> {
    let engine = context.driver.engine();
    let chat = resolve::chat(engine, chat)?;
    let view = engine.group(&chat.chat)?;
    context.printer.show(&Group::new(&view), || {
        let mut lines = vec![format!(
            "{}  {} people",
            safe_text::line(&view.title),
            view.people
        )];
        if !view.description.is_empty() {
            lines.extend(safe_text::lines(&view.description));
        }
        for (what, everybody) in &view.permissions {
            let who = if *everybody { "everybody" } else { "admins" };
            lines.push(format!("  may {}: {who}", words::permitted(*what)));
        }
        lines.join("\n")
    })
}

fn members(context: &Context, chat: &str) -> Result<(), Failure> {
    let engine = context.driver.engine();
    let chat = resolve::chat(engine, chat)?;
    let there = engine.members(&chat.chat)?;
    for view in there
        .iter()
        .filter(|view| view.present || view.wished.is_some())
    {
        let member = Member::new(view);
        context.printer.show(&member, || {
            let me = if view.me { "  (you)" } else { "" };
            let pending = member.pending.map(|word| format!("  ({word})"));
            format!(
                "{}  {}  {}{me}{}",
                member.contact,
                safe_text::line(words::or_no_name(&view.name)),
                member.role,
                pending.unwrap_or_default()
            )
        })?;
    }
    Ok(())
}

async fn tell(context: &mut Context, wait: Duration) -> Result<(), Failure> {
    let told = session::tell_server(&mut context.driver, wait).await;
    session::part(&mut context.driver).await?;
    told
}
