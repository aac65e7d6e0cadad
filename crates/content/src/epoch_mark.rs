//! The fork check: what two devices tell each other of a conversation that both are in, so that a server, or a member, who
//! shows them different ones is found out (`docs/protocol/conversations.md`, *Fork check*).

use undertone_wire::signing::hash_parts;

use crate::{ContentError, proto};

/// Bytes by which a conversation is named, and by which its state is compared.
const BYTES: usize = 8;

/// The state of a conversation at an epoch, in few bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochMark {
    /// The first bytes of the group id, which both know.
    pub conversation: [u8; BYTES],
    /// The epoch.
    pub epoch: u64,
    /// Of the epoch authenticator (RFC 9420, 8.7): the same for all who are in the same state.
    pub mark: [u8; BYTES],
}

impl EpochMark {
    /// The mark of a group's epoch; nothing if `group_id` is none.
    pub fn of(group_id: &[u8], epoch: u64, authenticator: &[u8]) -> Option<Self> {
        let parts: [&[u8]; 3] = [group_id, &epoch.to_be_bytes(), authenticator];
        let hash = hash_parts("undertone/1 epoch mark", &parts);
        Some(Self {
            conversation: *group_id.first_chunk()?,
            epoch,
            mark: *hash.first_chunk()?,
        })
    }

    pub(crate) fn to_proto(self) -> proto::EpochMark {
        proto::EpochMark {
            conversation: self.conversation.to_vec(),
            epoch: self.epoch,
            mark: self.mark.to_vec(),
        }
    }

    pub(crate) fn from_proto(read: &proto::EpochMark) -> Result<Self, ContentError> {
        let bytes = |bytes: &[u8]| bytes.try_into().map_err(|_| ContentError::Malformed);
        Ok(Self {
            conversation: bytes(&read.conversation)?,
            epoch: read.epoch,
            mark: bytes(&read.mark)?,
        })
    }
}
