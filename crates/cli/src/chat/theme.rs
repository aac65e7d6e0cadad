//! The looks: few colours, all of the 16 that every terminal has, and none that is needed to understand anything.

use ratatui::style::{Color, Modifier, Style};

/// With or without colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    color: bool,
}

impl Theme {
    /// Colours unless the environment asks for none (`NO_COLOR`, any value but an empty one).
    pub fn from_environment() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self::new(!refused)
    }

    /// With colours or without.
    pub fn new(color: bool) -> Self {
        Self { color }
    }

    fn colored(self, color: Color) -> Style {
        if self.color {
            Style::new().fg(color)
        } else {
            Style::new()
        }
    }

    /// Others' names, and what is to be found at once.
    pub fn accent(self) -> Style {
        self.colored(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// One's own name.
    pub fn own(self) -> Style {
        self.colored(Color::Green).add_modifier(Modifier::BOLD)
    }

    /// What may be overlooked.
    pub fn muted(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// What one should know.
    pub fn warn(self) -> Style {
        self.colored(Color::Yellow)
    }

    /// What went wrong.
    pub fn danger(self) -> Style {
        self.colored(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// What the next key works on.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What is open.
    pub fn current(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }
}
