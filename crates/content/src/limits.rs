//! Limits of what stands inside messages.

/// A text, in bytes of UTF-8.
pub const TEXT_BYTES: usize = 65_536;
/// A name, in bytes of UTF-8.
pub const NAME_BYTES: usize = 128;
/// Content with everything in it, in bytes.
pub const CONTENT_BYTES: usize = 131_072;
/// Content ids in one signal of receipts.
pub const RECEIPTS: usize = 256;
