//! One message as it stands in a conversation, and the mark of how far it has come.

use leptos::prelude::*;
use undertone_web_messages::{Ask, Mark, Mentioned};

use super::{
    icon::Icon,
    person::{ink, member_name},
};
use crate::{
    arrange::Bubble,
    bridge,
    linkify::{self, Part},
    times,
    words::{tr, tr_with},
};

/// A message.
#[component]
pub fn BubbleRow(bubble: Bubble, name: String, found: RwSignal<Option<u64>>) -> impl IntoView {
    let Bubble {
        message,
        first,
        last,
    } = bubble;
    let own = message.mark != Mark::Received;
    let failed = message.mark == Mark::Failed;
    let seq = message.seq;
    let whole = times::whole(message.sent_at);
    view! {
        <li
            class="bubble-row"
            class:own=own
            class:first=first
            class:last=last
            class:failed=failed
            class:found=move || found.get() == Some(seq)
            id=format!("m{seq}")
        >
            <div class="bubble">
                {first.then(|| match message.from {
                    Some(from) => view! { <bdi class=ink(from.person)>{member_name(&from.name)}</bdi> }.into_any(),
                    None => view! {
                        <span class="hidden-text">{if own { tr("by-you") } else { tr_with("by", [("name", name.into())]) }}</span>
                    }.into_any(),
                })}
                <Text text=message.text.clone() mentions=message.mentions />
                {last.then(|| view! {
                    <span class="meta">
                        <time title=whole>{times::clock(message.sent_at)}</time>
                        {own.then(|| view! { <MarkIcon mark=message.mark /> })}
                    </span>
                })}
            </div>
            {failed.then(|| view! {
                <p class="failed-line">
                    <span>{tr("failed-line")}</span>
                    <button class="text-button" on:click=move |_| bridge::tell(Ask::Retry { seq })>{tr("try-again")}</button>
                </p>
            })}
        </li>
    }
}

/// The text of a message, with what may be opened.
#[component]
fn Text(text: Option<String>, mentions: Vec<Mentioned>) -> impl IntoView {
    let Some(text) = text else {
        return view! { <p class="text newer">{tr("message-newer")}</p> }.into_any();
    };
    let large = is_few_emoji(&text);
    let parts: Vec<AnyView> = linkify::parts(&text, &mentions)
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => text.to_owned().into_any(),
            Part::Mention(name, me) => view! { <span class="mention" class:me=me>{name.to_owned()}</span> }.into_any(),
            Part::Link(link) => view! {
                <a href=link.to_owned() target="_blank" rel="noopener noreferrer nofollow">{link.to_owned()}</a>
            }
            .into_any(),
        })
        .collect();
    view! { <p class="text" class:large=large dir="auto">{parts}</p> }.into_any()
}

/// One to three emoji alone are shown large.
fn is_few_emoji(text: &str) -> bool {
    let emoji = |c: char| matches!(u32::from(c), 0x2190..=0x2bff | 0x1f000..=0x1faff | 0x200d | 0xfe0f | 0x20e3);
    let text = text.trim();
    let count = text
        .chars()
        .filter(|c| {
            u32::from(*c) >= 0x2190
                && !matches!(*c, '\u{200d}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
        })
        .count();
    !text.is_empty() && text.chars().all(emoji) && count <= 3
}

/// How far one's own message has come.
#[component]
pub fn MarkIcon(mark: Mark) -> impl IntoView {
    let (name, text, class) = match mark {
        Mark::Queued => ("queued", tr("mark-queued"), "mark"),
        Mark::Sent => ("sent", tr("mark-sent"), "mark"),
        Mark::Delivered => ("delivered", tr("mark-delivered"), "mark"),
        Mark::Read => ("delivered", tr("mark-read"), "mark read"),
        Mark::Failed => ("failed", tr("mark-failed"), "mark failed"),
        Mark::Received => return ().into_any(),
    };
    let said = text.clone();
    view! {
        <span class=class title=said><Icon name /><span class="hidden-text">{text}</span></span>
    }
    .into_any()
}
