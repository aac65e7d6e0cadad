//! Answers a question: what a page may ask, and where each is answered.

use undertone_engine::RequestId;
use undertone_web_messages::{Answer, Ask, Refusal};
use undertone_wire::time::Timestamp;

use crate::{
    answer_account, answer_devices, answer_groups, answer_history, answer_links, answer_messages,
    answer_overview, answer_people, answer_requests, answer_search,
    desk::Desk,
    refusal::{failure, refusal},
};

/// Carries out a question. `request` names it among those of all tabs.
pub(crate) fn answer(
    desk: &mut Desk,
    request: RequestId,
    ask: &Ask,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let engine = &mut desk.engine;
    match ask {
        Ask::Overview => {
            let signed_out_at = desk.signed_out_at();
            answer_overview::overview(&desk.engine, signed_out_at).map(Answer::Overview)
        }
        Ask::History { chat, from, limit } => {
            answer_history::history(engine, *chat, *from, *limit).map(Answer::Page)
        }
        Ask::Draft { chat } => answer_messages::draft(engine, *chat).map(Answer::Draft),
        Ask::MyLink => answer_links::my_link(engine).map(Answer::Link),
        Ask::People => answer_people::people(engine).map(Answer::People),
        Ask::SafetyNumber { person } => {
            answer_people::safety_number(engine, *person).map(Answer::SafetyNumber)
        }
        Ask::Search { words } => answer_search::search(engine, words).map(Answer::Found),
        Ask::Group { chat } => answer_groups::group(engine, *chat).map(Answer::Group),
        Ask::Encryption { chat } => {
            answer_groups::encryption(engine, *chat).map(Answer::Encryption)
        }
        Ask::Devices => answer_devices::devices(engine).map(Answer::Devices),
        Ask::Network { there } => done(desk.network(*there, now).map_err(|error| failure(&error))),
        Ask::Typing { chat, active } => done(answer_messages::typing(engine, *chat, *active, now)),
        Ask::Send { chat, id, text } => {
            let news = answer_messages::send(engine, *chat, *id, text, now)?;
            desk.gatherer.tell(news);
            Ok(Answer::Done)
        }
        Ask::Retry { seq } => {
            let news = answer_messages::retry(engine, *seq, now)?;
            desk.gatherer.tell(news);
            Ok(Answer::Done)
        }
        _ => {
            let before = engine.writes();
            let changed = change(desk, request, ask, now)?;
            // A page that looks at the list again whenever it changed may say again what it has seen there.
            if desk.engine.writes() != before {
                desk.gatherer.list_changed();
            }
            Ok(changed)
        }
    }
}

/// What changes something that the list shows.
fn change(
    desk: &mut Desk,
    request: RequestId,
    ask: &Ask,
    now: Timestamp,
) -> Result<Answer, Refusal> {
    let engine = &mut desk.engine;
    match ask {
        Ask::CreateAccount { name, invite } => {
            let invite = invite.as_deref().unwrap_or_default();
            done(answer_account::create(
                engine,
                &desk.server,
                name,
                invite,
                now,
            ))
        }
        Ask::SetName { name } => done(answer_account::set_name(engine, name, now)),
        Ask::SetAddedByContacts { allowed } => done(
            engine
                .set_added_by_contacts(*allowed, now)
                .map_err(|error| refusal(&error)),
        ),
        Ask::MarkRead { chat, seq } => done(answer_messages::mark_read(engine, *chat, *seq, now)),
        Ask::SaveDraft { chat, text } => done(answer_messages::save_draft(engine, *chat, text)),
        Ask::NewOnceLink { days } => {
            answer_links::new_once_link(engine, &request, *days, now).map(Answer::Link)
        }
        Ask::ResetLink => answer_links::reset_link(engine, &request, now).map(Answer::Link),
        Ask::AddContact { link } => answer_links::add_contact(engine, link, now).map(Answer::Chat),
        Ask::AcceptRequest { request } => done(answer_requests::accept(engine, *request, now)),
        Ask::DeleteRequest { request } => done(answer_requests::delete(engine, *request, now)),
        Ask::BlockRequest { request } => done(answer_requests::block(engine, *request, now)),
        Ask::BlockContact { person } => done(answer_people::block(engine, *person, now)),
        Ask::UnblockContact { person } => done(answer_people::unblock(engine, *person, now)),
        Ask::SetVerified { person, verified } => {
            done(answer_people::set_verified(engine, *person, *verified))
        }
        Ask::ChangeDevices(change) => {
            done(answer_devices::change(engine, &desk.server, change, now))
        }
        Ask::CreateGroup {
            chat,
            title,
            members,
        } => done(answer_groups::create(engine, *chat, title, members, now)),
        Ask::ChangeGroup { chat, change } => {
            done(answer_groups::change(engine, *chat, change, now))
        }
        Ask::AnswerInvitation { id, accept } => {
            done(answer_groups::answer_invitation(engine, *id, *accept, now))
        }
        // The others only look, or change nothing in the list.
        _ => Err(Refusal::NotNow),
    }
}

fn done(result: Result<(), Refusal>) -> Result<Answer, Refusal> {
    result.map(|()| Answer::Done)
}
