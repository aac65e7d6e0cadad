//! Emoji for those whose keyboard has none: a few rows of those that people use, found by their names.

use leptos::{ev, prelude::*};

use super::icon::Icon;
use crate::words::tr;

/// Emoji and the English words by which they are found.
const EMOJI: &[(&str, &str)] = &[
    ("😀", "grin smile happy"),
    ("😄", "laugh happy"),
    ("😂", "tears of joy laugh"),
    ("🙂", "slight smile"),
    ("😉", "wink"),
    ("😊", "blush smile"),
    ("😍", "heart eyes love"),
    ("🥰", "hearts love"),
    ("😘", "kiss"),
    ("🤗", "hug"),
    ("🤔", "thinking"),
    ("😐", "neutral"),
    ("🙄", "rolling eyes"),
    ("😴", "sleep"),
    ("😢", "cry sad"),
    ("😭", "sob cry"),
    ("😡", "angry"),
    ("😱", "scream fear"),
    ("😳", "flushed"),
    ("🤒", "ill sick"),
    ("😎", "cool sunglasses"),
    ("🥳", "party"),
    ("🙈", "see no evil monkey"),
    ("👍", "thumbs up yes"),
    ("👎", "thumbs down no"),
    ("👏", "clap"),
    ("🙏", "thanks please pray"),
    ("💪", "strong"),
    ("👋", "wave hello bye"),
    ("👌", "ok"),
    ("✌️", "peace victory"),
    ("🤞", "fingers crossed luck"),
    ("❤️", "red heart love"),
    ("🧡", "orange heart"),
    ("💛", "yellow heart"),
    ("💚", "green heart"),
    ("💙", "blue heart"),
    ("💜", "purple heart"),
    ("🖤", "black heart"),
    ("💔", "broken heart"),
    ("✨", "sparkles"),
    ("🔥", "fire"),
    ("🎉", "party celebrate"),
    ("🎂", "cake birthday"),
    ("🌹", "rose flower"),
    ("🌻", "sunflower"),
    ("🌙", "moon"),
    ("☀️", "sun"),
    ("☔", "rain umbrella"),
    ("❄️", "snow"),
    ("☕", "coffee tea"),
    ("🍞", "bread"),
    ("🍎", "apple"),
    ("🍕", "pizza"),
    ("🚗", "car"),
    ("🚆", "train"),
    ("✈️", "plane flight"),
    ("🏠", "home house"),
    ("📞", "phone call"),
    ("📷", "camera photo"),
    ("📎", "paperclip"),
    ("🔒", "lock safe"),
    ("⏰", "alarm time"),
    ("✅", "done check yes"),
    ("❌", "no cross"),
    ("❓", "question"),
    ("❗", "important"),
    ("⚠️", "warning"),
];

/// A button that opens the emoji, and calls back with the one that is chosen.
#[component]
pub fn EmojiButton(on_choose: Callback<String>) -> impl IntoView {
    let open = RwSignal::new(false);
    let sought = RwSignal::new(String::new());
    let found = move || {
        let sought = sought.get().to_lowercase();
        EMOJI
            .iter()
            .copied()
            .filter(|(_, words)| words.contains(sought.trim()))
            .collect::<Vec<_>>()
    };
    let choose = move |emoji: &'static str| {
        open.set(false);
        on_choose.run(emoji.to_owned());
    };
    let pressed = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            open.set(false);
            crate::browser::focus(".emoji-button");
        }
    };
    view! {
        <div class="emoji" on:keydown=pressed>
            <button
                type="button"
                class="icon-button emoji-button"
                aria-label=tr("emoji-open")
                title=tr("emoji-open")
                aria-expanded=move || open.get().to_string()
                on:click=move |_| { sought.set(String::new()); open.update(|open| *open = !*open); }
            >
                <Icon name="smile" />
            </button>
            <Show when=move || open.get()>
                <div class="emoji-panel" role="dialog" aria-label=tr("emoji-title")>
                    <input
                        type="search"
                        aria-label=tr("emoji-find")
                        placeholder=tr("emoji-find")
                        autofocus
                        on:input=move |event| sought.set(event_target_value(&event))
                    />
                    <div class="emoji-grid">
                        <For each=found key=|(emoji, _)| *emoji let((emoji, words))>
                            <button type="button" aria-label=words title=words on:click=move |_| choose(emoji)>{emoji}</button>
                        </For>
                    </div>
                </div>
            </Show>
        </div>
    }
}
