//! How often things go wrong.

/// Chances in a thousand, and the widest delays in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// A frame is lost, and with it its connection.
    pub lose_frame: u32,
    /// A pushed entry arrives twice.
    pub repeat_push: u32,
    /// A person's device dies around a commit of its store.
    pub crash_person: u32,
    /// The server dies after a batch, before or after it is committed.
    pub crash_server: u32,
    /// Longest delay of a frame.
    pub delay_ms: u64,
    /// Longest time that the server waits to fill a batch.
    pub batch_ms: u64,
}

impl Faults {
    /// What a bad day looks like.
    pub const BAD_DAY: Self = Self {
        lose_frame: 12,
        repeat_push: 30,
        crash_person: 6,
        crash_server: 3,
        delay_ms: 400,
        batch_ms: 12,
    };

    /// Nothing goes wrong; frames still take their time.
    pub const NONE: Self = Self {
        lose_frame: 0,
        repeat_push: 0,
        crash_person: 0,
        crash_server: 0,
        delay_ms: 60,
        batch_ms: 3,
    };
}
