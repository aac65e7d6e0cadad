//! Makes the account: a root key, a device that it certifies, a queue's keys, the first cards and the self group.

use std::cell::RefCell;

use rand_core::CryptoRngCore;
use undertone_content::content::check_name;
use undertone_mls::{CardKind, Group, LeafInfo, Rules};
use undertone_store::{
    account::AccountRow,
    chats::{ChatId, ChatKind, ChatRow, ChatState},
};
use undertone_wire::{
    entry::UnsealingKey,
    identity::{Capability, Certificate},
    ids::{Alias, DeviceKey, Handle, QueueId, Serial},
    link::ServerUrl,
    signing::SecretKey,
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::{
    cards::want_card,
    conversation::{new_group_row, random_group_id, want_group_alias},
    engine::Engine,
    error::{CommandError, EngineError},
    me::Me,
    sign_out::SIGNED_OUT,
    step::Step,
};

impl Engine {
    /// Makes the account of this profile. It is durable when this returns, and registered once the server is reached.
    ///
    /// # Errors
    /// [`CommandError`] if there is one already, or the address or the name cannot be used.
    pub fn create_account(
        &mut self,
        server: &str,
        name: &str,
        invite_code: &str,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if self.me.is_some() {
            return Err(CommandError::AccountExists);
        }
        let server = ServerUrl::parse(server)?;
        check_name(name)?;
        let rng = &mut *self.rng;
        let root = SecretKey::random(rng);
        let device = SecretKey::random(rng);
        let device_key = DeviceKey::new(device.public());
        let certificate =
            Certificate::issue(&root, device_key, Serial::random(rng), Capability::Full);
        let account = AccountRow {
            name: name.trim().to_owned(),
            invite_code: invite_code.trim().to_owned(),
            ..start_account(&server, &*root.seed(), &device, &certificate, rng)?
        };
        let me = Me::load(&account)?;
        self.store.write(|tx| {
            let step = &mut Step {
                tx,
                rng,
                me: &me,
                now,
                groups: &RefCell::default(),
                signed_out: false,
            };
            tx.setting_delete(SIGNED_OUT)?;
            tx.put_account(&account)?;
            found_self_group(step)?;
            want_card(step, undertone_store::cards::CardKind::Link, Timestamp(0))?;
            want_card(
                step,
                undertone_store::cards::CardKind::Contacts,
                Timestamp(0),
            )
        })?;
        self.me = Some(me);
        self.work(now)?;
        Ok(())
    }
}

/// An account as it stands on a device that begins: with a queue of its own, which the server does not have yet.
pub(crate) fn start_account(
    server: &ServerUrl,
    root_seed: &[u8],
    device: &SecretKey,
    certificate: &Certificate,
    rng: &mut dyn CryptoRngCore,
) -> Result<AccountRow, EngineError> {
    let unsealing = UnsealingKey::random(rng)?;
    Ok(AccountRow {
        server: server.as_str().to_owned(),
        name: String::new(),
        invite_code: String::new(),
        root_seed: Zeroizing::new(root_seed.to_vec()),
        device_seed: Zeroizing::new(device.seed().to_vec()),
        certificate: certificate.encode(),
        registered: false,
        queue: QueueId::random(rng),
        queue_seed: Zeroizing::new(SecretKey::random(rng).seed().to_vec()),
        unsealing_seed: Zeroizing::new(unsealing.seed().to_vec()),
        queue_tokens: Vec::new(),
        queue_made: false,
        devices: Vec::new(),
        devices_due: false,
    })
}

/// The group of one's own devices, which is also the chat with oneself.
fn found_self_group(step: &mut Step<'_>) -> Result<(), EngineError> {
    let (chat, handle) = (ChatId::random(step.rng), Handle::random(step.rng));
    let (group_id, alias) = (random_group_id(step.rng), Alias::random(step.rng));
    let leaf = LeafInfo {
        alias,
        rescue_key: step.me.rescue_key,
        card: CardKind::OwnDevice,
        name: String::new(),
    };
    Group::found(
        &step.mls().provider(),
        &step.me.identity,
        group_id,
        Rules::own(handle),
        &leaf,
    )
    .map_err(|_| EngineError::Mls("founding the self group"))?;
    want_group_alias(step, alias, &group_id, handle)?;
    step.tx
        .put_group(&new_group_row(step, &group_id, chat, handle, alias))?;
    step.tx.put_chat(&ChatRow {
        chat,
        kind: ChatKind::Notes,
        account: step.me.account.to_vec(),
        state: ChatState::Active,
        reason: String::new(),
        group_id: group_id.as_bytes().to_vec(),
        came_by: None,
        devices: Vec::new(),
        created_at: step.now,
        last_at: step.now,
        read_up_to: 0,
        title: String::new(),
        thread: Vec::new(),
    })?;
    Ok(())
}
