//! What one's devices have in common is told among them: what changed here since it was last looked is written down as
//! registers, and these go to the others through the group of one's own devices.

use undertone_content::{
    content::Body,
    register::{Register, kind},
};
use undertone_store::{
    chats::{ChatKind, ChatRow},
    registers::RegisterRow,
};
use undertone_wire::time::{SECOND_MS, Timestamp};

use crate::{
    apply_own_state::{apply, apply_waiting},
    conversation::put_into_outbox,
    engine::Engine,
    error::EngineError,
    own_devices::{add_to_own_devices, last_active, own_devices},
    project_own_state::{project, read_devices},
    revoke_device::revoke_unseen,
    sign_out::sign_out,
    step::Step,
};

/// Changes are gathered for so long before they are told.
const GATHER_MS: u64 = SECOND_MS / 2;
/// Registers in one content, and their bytes.
const AT_ONCE: u32 = 256;
const BYTES_AT_ONCE: usize = 90_000;

/// When it was last looked for changes.
#[derive(Debug, Default)]
pub(crate) struct SharedAt {
    /// How often had been written by then.
    looked: Option<u64>,
    due: Option<Timestamp>,
}

impl SharedAt {
    /// When it is to be looked again.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.due
    }
}

impl Engine {
    /// Looks what changed, and puts what the others have to be told into the outbox.
    pub(crate) fn share_own_state(&mut self, now: Timestamp) -> Result<(), EngineError> {
        if !self.survey.among_devices {
            self.shared.due = None;
            return Ok(());
        }
        if self.survey.registers {
            self.step(now, tell)?;
        }
        if self.shared.looked == Some(self.store.writes()) {
            return Ok(());
        }
        match self.shared.due {
            None => self.shared.due = Some(now.plus(GATHER_MS)),
            Some(due) if due <= now => {
                let synced = self.synced;
                self.step(now, |step| look(step, synced))?;
                if self.me.is_some() {
                    self.step(now, tell)?;
                }
                self.shared.due = None;
                self.shared.looked = Some(self.store.writes());
            }
            Some(_) => {}
        }
        Ok(())
    }
}

/// Writes down what changed here.
fn look(step: &mut Step<'_>, synced: bool) -> Result<(), EngineError> {
    apply_waiting(step)?;
    for (kind, name, value) in project(step.tx)? {
        let known = step.tx.register(kind, &name)?;
        let waits = known.as_ref().is_some_and(|row| row.unapplied);
        if !waits && known.is_none_or(|row| row.value != value) {
            write_register(step, kind, &name, value)?;
        }
    }
    let (own, today) = (step.me.identity.certificate.serial, step.now.day());
    if last_active(step.tx, &own)? != Some(today) {
        let day = today.0.to_be_bytes().to_vec();
        write_register(step, kind::ACTIVE, own.as_bytes(), day)?;
    }
    if synced {
        revoke_unseen(step)?;
    }
    Ok(())
}

/// Writes a register: later than any writing of it that this device has heard of.
pub(crate) fn write_register(
    step: &Step<'_>,
    kind: u32,
    name: &[u8],
    value: Vec<u8>,
) -> Result<(), EngineError> {
    let known = step.tx.register(kind, name)?;
    let after = known.map_or(0, |row| row.clock.saturating_add(1));
    step.tx.put_register(&RegisterRow {
        kind,
        name: name.to_vec(),
        value,
        clock: step.now.0.max(after).min(u64::MAX >> 1),
        device: step.me.identity.certificate.serial,
        unsent: true,
        unapplied: false,
    })?;
    Ok(())
}

/// Takes what another device of one's own wrote.
pub(crate) fn hear(step: &mut Step<'_>, registers: &[Register]) -> Result<(), EngineError> {
    for heard in registers {
        if heard.kind == kind::DEVICES {
            if let Some(devices) = read_devices(&heard.value) {
                add_to_own_devices(step, &devices)?;
            }
            let own = step.me.identity.certificate.device_key;
            if own_devices(step.tx)?.device(&own).is_none() {
                return sign_out(step);
            }
            continue;
        }
        let known = step.tx.register(heard.kind, &heard.name)?;
        let wins = known.is_none_or(|known| heard.wins(&to_register(known)));
        if !wins {
            continue;
        }
        let mut row = RegisterRow {
            kind: heard.kind,
            name: heard.name.clone(),
            value: heard.value.clone(),
            clock: heard.clock,
            device: heard.device,
            unsent: false,
            unapplied: true,
        };
        step.tx.put_register(&row)?;
        row.unapplied = !apply(step, &row)?;
        step.tx.put_register(&row)?;
    }
    Ok(())
}

/// A device has come that knows nothing: it is told everything.
pub(crate) fn tell_everything(step: &mut Step<'_>) -> Result<(), EngineError> {
    look(step, false)?;
    step.tx.resend_registers()?;
    Ok(())
}

/// Puts what the others have to be told into the outbox of the chat with oneself.
fn tell(step: &mut Step<'_>) -> Result<(), EngineError> {
    let Some(notes) = step.tx.notes()? else {
        return Ok(());
    };
    loop {
        let (mut registers, mut bytes) = (Vec::new(), 0);
        for mut row in step.tx.unsent_registers(AT_ONCE)? {
            bytes += row.name.len() + row.value.len() + 48;
            if bytes > BYTES_AT_ONCE && !registers.is_empty() {
                break;
            }
            row.unsent = false;
            step.tx.put_register(&row)?;
            registers.push(to_register(row));
        }
        if registers.is_empty() {
            return Ok(());
        }
        put_into_outbox(step, &notes.chat, Body::OwnState(registers))?;
    }
}

fn to_register(row: RegisterRow) -> Register {
    Register {
        kind: row.kind,
        name: row.name,
        value: row.value,
        clock: row.clock,
        device: row.device,
    }
}

/// How registers name a conversation: by the other's account, or by the group that it was first.
pub(crate) fn thread_of(chat: &ChatRow) -> Vec<u8> {
    match chat.kind {
        ChatKind::Notes => Vec::new(),
        ChatKind::Direct => chat.account.clone(),
        ChatKind::Group if chat.thread.is_empty() => chat.group_id.clone(),
        ChatKind::Group => chat.thread.clone(),
    }
}
