//! Addresses: every screen has one, so that Back, reload and bookmarks work.

use undertone_web_messages::{ChatKey, MessageKey, PersonKey};

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// The list, and nothing beside it.
    Chats,
    /// A conversation.
    Chat(ChatKey),
    /// What there is to know of a conversation and the other in it.
    Details(ChatKey),
    /// A stranger who asks.
    Request(ChatKey),
    /// An invitation to a group.
    Invitation(MessageKey),
    /// My link, and the field for somebody else's.
    New,
    /// A new group.
    NewGroup,
    /// The safety number with a contact.
    Safety(PersonKey),
    /// Settings.
    Settings(Settings),
}

/// The pages of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settings {
    /// All of them.
    All,
    /// One's name.
    Profile,
    /// How it looks.
    Appearance,
    /// One's devices.
    Devices,
    /// This browser.
    Device,
    /// What this is.
    About,
}

impl Route {
    /// Reads the path of an address; what is not known is the list.
    pub fn parse(path: &str) -> Self {
        let mut parts = path.trim_matches('/').split('/');
        let route = match (parts.next(), parts.next(), parts.next()) {
            (Some("chat"), Some(chat), None) => chat.parse().ok().map(Self::Chat),
            (Some("chat"), Some(chat), Some("details")) => chat.parse().ok().map(Self::Details),
            (Some("request"), Some(request), None) => request.parse().ok().map(Self::Request),
            (Some("invitation"), Some(id), None) => id.parse().ok().map(Self::Invitation),
            (Some("new"), None, None) => Some(Self::New),
            (Some("new"), Some("group"), None) => Some(Self::NewGroup),
            (Some("safety"), Some(person), None) => person.parse().ok().map(Self::Safety),
            (Some("settings"), page, None) => match page {
                None => Some(Settings::All),
                Some("profile") => Some(Settings::Profile),
                Some("appearance") => Some(Settings::Appearance),
                Some("devices") => Some(Settings::Devices),
                Some("device") => Some(Settings::Device),
                Some("about") => Some(Settings::About),
                Some(_) => None,
            }
            .map(Self::Settings),
            _ => None,
        };
        route.unwrap_or(Self::Chats)
    }

    /// The path.
    pub fn path(self) -> String {
        match self {
            Self::Chats => "/".into(),
            Self::Chat(chat) => format!("/chat/{chat}"),
            Self::Details(chat) => format!("/chat/{chat}/details"),
            Self::Request(request) => format!("/request/{request}"),
            Self::Invitation(id) => format!("/invitation/{id}"),
            Self::New => "/new".into(),
            Self::NewGroup => "/new/group".into(),
            Self::Safety(person) => format!("/safety/{person}"),
            Self::Settings(page) => match page {
                Settings::All => "/settings",
                Settings::Profile => "/settings/profile",
                Settings::Appearance => "/settings/appearance",
                Settings::Devices => "/settings/devices",
                Settings::Device => "/settings/device",
                Settings::About => "/settings/about",
            }
            .into(),
        }
    }

    /// Where the arrow at the top leads: one step towards the list.
    pub fn parent(self) -> Self {
        match self {
            Self::Details(chat) => Self::Chat(chat),
            Self::NewGroup => Self::New,
            Self::Settings(page) if page != Settings::All => Self::Settings(Settings::All),
            _ => Self::Chats,
        }
    }

    /// The chat that is open, beside its details too.
    pub fn chat(self) -> Option<ChatKey> {
        match self {
            Self::Chat(chat) | Self::Details(chat) => Some(chat),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_screen_is_found_by_its_address() {
        let chat = ChatKey([0x5e; 16]);
        let pages = [
            Settings::All,
            Settings::Profile,
            Settings::Appearance,
            Settings::Devices,
            Settings::Device,
            Settings::About,
        ];
        let screens = [
            Route::Chats,
            Route::Chat(chat),
            Route::Details(chat),
            Route::Request(chat),
            Route::Invitation(MessageKey([7; 16])),
            Route::New,
            Route::NewGroup,
            Route::Safety(PersonKey([9; 32])),
        ];
        for route in screens.into_iter().chain(pages.map(Route::Settings)) {
            assert_eq!(Route::parse(&route.path()), route);
        }
    }

    #[test]
    fn an_unknown_address_is_the_list() {
        for path in [
            "",
            "/",
            "//",
            "/chat",
            "/chat/zz",
            "/chat/1/2/3",
            "/settings/x",
            "/nowhere",
            "/é",
        ] {
            assert_eq!(Route::parse(path), Route::Chats, "{path}");
        }
    }
}
