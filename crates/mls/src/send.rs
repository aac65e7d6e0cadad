//! Sealing what a member sends: messages and signals.

use rand_core::{CryptoRng, RngCore};
use tls_codec::Serialize as _;
use undertone_wire::signing::Purpose;

use crate::{
    envelope::seal,
    group::{Group, GroupError},
    identity::DeviceIdentity,
    key_value::KeyValue,
    proto::{Signal, envelope_body::Body},
    provider::Provider,
};

impl Group {
    /// Encrypts `content` to all members of this epoch. Moves this device's ratchet: the result and what was
    /// written must be committed together.
    ///
    /// # Errors
    /// [`GroupError::NotAMember`], [`GroupError::TooLarge`] (nothing has changed then), [`GroupError::Storage`].
    pub fn encrypt<K: KeyValue>(
        &mut self,
        provider: &Provider<'_, K>,
        identity: &DeviceIdentity,
        content: &[u8],
        rng: &mut (impl RngCore + CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, GroupError> {
        let secrets = self.secrets(provider)?;
        if content.len() > MAX_CONTENT {
            return Err(GroupError::TooLarge);
        }
        let message = self.mls.create_message(provider, identity, content);
        let message = provider
            .checked(message)?
            .map_err(|_| GroupError::Refused)?;
        let message = message
            .tls_serialize_detached()
            .map_err(|_| GroupError::Refused)?;
        seal(&secrets.envelope, Body::MlsMessage(message), rng).map_err(|_| GroupError::TooLarge)
    }

    /// Seals a signal: signed by this device, readable by all members of this epoch. Changes nothing, so it
    /// may be lost, and sealed again, without harm.
    ///
    /// # Errors
    /// [`GroupError::NotAMember`], [`GroupError::TooLarge`].
    pub fn seal_signal<K: KeyValue>(
        &self,
        provider: &Provider<'_, K>,
        identity: &DeviceIdentity,
        body: Vec<u8>,
        rng: &mut (impl RngCore + CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, GroupError> {
        let secrets = self.secrets(provider)?;
        let epoch = self.epoch().to_be_bytes();
        let parts: [&[u8]; 3] = [self.id.as_bytes(), &epoch, &body];
        let signature = identity.key.sign(Purpose::Signal, &parts).to_vec();
        let signal = Signal {
            sender: self.own_index(),
            body,
            signature,
        };
        seal(&secrets.envelope, Body::Signal(signal), rng).map_err(|_| GroupError::TooLarge)
    }
}

/// Longest content of one message, in bytes: with what MLS adds, it fits the largest envelope.
pub const MAX_CONTENT: usize = 520_000;
