//! Limits of what stands inside messages.

/// A text, in bytes of UTF-8.
pub const TEXT_BYTES: usize = 65_536;
/// A name, in bytes of UTF-8.
pub const NAME_BYTES: usize = 128;
/// The title of a group, in bytes of UTF-8.
pub const TITLE_BYTES: usize = 256;
/// The description of a group, in bytes of UTF-8.
pub const DESCRIPTION_BYTES: usize = 4_096;
/// Stretches of one text that name somebody.
pub const MENTIONS: usize = 64;
/// KeyPackages in one answer.
pub const KEY_PACKAGES: usize = 8;
/// Content with everything in it, in bytes.
pub const CONTENT_BYTES: usize = 131_072;
/// Content ids in one signal of receipts.
pub const RECEIPTS: usize = 256;
/// Places that a new device asks for at once.
pub const PLACES: usize = 24;
/// Longest name of a register, in bytes.
pub const REGISTER_NAME_BYTES: usize = 64;
/// Longest value of a register, in bytes.
pub const REGISTER_VALUE_BYTES: usize = 65_536;
