//! Invite codes: a number of registrations each, known on the disk by a hash.

use undertone_wire::{
    proto::ErrorKind,
    sealed_row::{Table, UnsealError},
    time::Timestamp,
};

use super::{
    Core, StoreError,
    failure::{Outcome, refuse},
    lease,
    rearrange::Registry,
    sealed::Secret,
    statements::{INVITE_DROP, INVITE_GET, INVITE_PUT, INVITE_UPDATE},
};

/// An invite that is good for at least one more registration.
pub(super) struct Invite {
    code: String,
    uses: u32,
}

impl Core {
    /// Makes an invite code for `uses` registrations. It ends, used up or not, when its lease of at least
    /// [`undertone_wire::limits::LEASE_WEEKS`] does.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be stored.
    pub fn create_invite(&mut self, uses: u32, now: Timestamp) -> Result<String, StoreError> {
        let mut random = [0; 16];
        self.rng.fill_bytes(&mut random);
        let code: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let lease_week = lease::until(now, &mut *self.rng);
        let parts: [&[u8]; 1] = [code.as_bytes()];
        let secret = secret(&parts);
        let value = uses.to_be_bytes();
        self.store
            .put(INVITE_PUT, secret, lease_week, &value, &mut *self.rng)?;
        self.maintenance.changed(Registry::Invites);
        Ok(code)
    }

    pub(super) fn find_invite(&self, code: &str) -> Outcome<Invite> {
        let uses = match self.store.get(INVITE_GET, secret(&[code.as_bytes()]))? {
            Some(value) => {
                u32::from_be_bytes(value.as_slice().try_into().map_err(|_| UnsealError)?)
            }
            None => 0,
        };
        if uses == 0 {
            return refuse(
                ErrorKind::InviteInvalid,
                "the invite code is unknown or used up",
            );
        }
        Ok(Invite {
            code: code.to_owned(),
            uses,
        })
    }

    pub(super) fn use_invite(&mut self, invite: &Invite) -> Result<(), StoreError> {
        let parts: [&[u8]; 1] = [invite.code.as_bytes()];
        let secret = secret(&parts);
        let left = invite.uses.saturating_sub(1);
        if left == 0 {
            self.store.execute(INVITE_DROP, (secret.key(),))?;
        } else {
            let sealed = secret.seal(&left.to_be_bytes(), &mut *self.rng);
            self.store.execute(INVITE_UPDATE, (secret.key(), sealed))?;
        }
        Ok(())
    }
}

fn secret<'a>(parts: &'a [&'a [u8]]) -> Secret<'a> {
    Secret {
        table: Table::Invite,
        parts,
    }
}
