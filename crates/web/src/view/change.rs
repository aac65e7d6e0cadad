//! What changed in a conversation, as sentences between the messages.

use leptos::prelude::*;
use undertone_web_messages::{Change, Changed, Message};

use super::person::member_name;
use crate::{
    times,
    words::{tr, tr_with},
};

/// Changes one after another of which each is shown by itself.
const FEW: usize = 3;

/// The sentence.
pub fn sentence(change: &Change) -> String {
    let id = match change.what {
        Changed::Founded => "change-founded",
        Changed::Joined => "change-joined",
        Changed::Added => "change-added",
        Changed::Removed => "change-removed",
        Changed::Left => "change-left",
        Changed::LeftMyself => "change-left-myself",
        Changed::RemovedMyself => "change-removed-myself",
        Changed::Title => "change-title",
        Changed::Description if change.text.is_empty() => "change-no-description",
        Changed::Description => "change-description",
        Changed::Admin => "change-admin",
        Changed::NoAdmin => "change-no-admin",
        Changed::Allowed => "change-allowed",
        Changed::Restricted => "change-restricted",
        Changed::Dissolved => "change-dissolved",
        Changed::Refused => "change-refused",
        Changed::NotAllowed => "change-not-allowed",
        Changed::Impossible => "change-impossible",
        Changed::Unreachable => "change-unreachable",
        Changed::Invited => "change-invited",
        Changed::Declined => "change-declined",
        Changed::Renewed => "change-renewed",
        Changed::DeviceAdded => "change-device-added",
        Changed::DeviceRemoved => "change-device-removed",
        Changed::OwnDeviceLinked => "change-own-device-linked",
        Changed::OwnDeviceRemoved => "change-own-device-removed",
        Changed::Readded => "change-readded",
        Changed::ReaddedMyself => "change-readded-myself",
        Changed::Forked => "change-forked",
        Changed::Newer => "message-newer",
    };
    let by = change.by.as_deref().map(member_name);
    let said = match change.what {
        Changed::Allowed | Changed::Restricted => rule(&change.text),
        _ => change.text.clone(),
    };
    let about = if change.about_me {
        tr("change-about-you")
    } else {
        member_name(&change.about)
    };
    let values = [
        ("own", if by.is_none() { "yes" } else { "no" }.into()),
        ("me", if change.about_me { "yes" } else { "no" }.into()),
        ("by", by.unwrap_or_else(|| tr("change-by-you")).into()),
        ("about", about.into()),
        ("text", said.into()),
    ];
    tr_with(id, values)
}

/// What a rule is about, as the end of a sentence.
pub fn rule(name: &str) -> String {
    match name {
        "send" => tr("rule-send"),
        "edit" => tr("rule-edit"),
        "add" => tr("rule-add"),
        "pin" => tr("rule-pin"),
        "mention-all" => tr("rule-mention-all"),
        other => other.to_owned(),
    }
}

/// What changed, one after another; folded if it is much.
#[component]
pub fn Changes(run: Vec<Message>) -> impl IntoView {
    let count = run.len();
    let lines = run
        .into_iter()
        .map(|message| {
            let said = message.change.as_ref().map(sentence);
            view! { <p id=format!("m{}", message.seq) title=times::whole(message.sent_at)>{said}</p> }
        })
        .collect_view();
    view! {
        <li class="changes">
            {if count > FEW {
                view! {
                    <details>
                        <summary>{tr_with("changes", [("count", count.into())])}</summary>
                        {lines}
                    </details>
                }.into_any()
            } else {
                lines.into_any()
            }}
        </li>
    }
}
