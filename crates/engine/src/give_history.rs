//! The history goes to a new device of one's own: the newest messages first, in chunks of a blob that only it can open.

use std::collections::BTreeMap;

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead as _, KeyInit as _},
};
use prost::Message as _;
use undertone_content::{
    content::{Body, SignedContent},
    proto as content,
};
use undertone_mls::Member;
use undertone_store::{
    chats::{ChatKind, ChatRow, ChatState},
    messages::{MessageRow, MessageState},
    transfers::{TransferRow, TransferState},
};
use undertone_wire::{
    counted_nonce::counted_nonce,
    digest::drop_key_hash,
    identity::{Certificate, DeviceList},
    ids::{AccountId, BlobName, ContentId, Serial},
    limits,
    proto::{self, send_request::Body as Request},
    signing::hash_parts,
    time::{DAY_MS, Timestamp},
};
use zeroize::Zeroizing;

use crate::{
    certify_device::history_setting,
    conversation::{members_of, put_into_outbox},
    engine::Engine,
    error::EngineError,
    event::{Event, note},
    linking::HistoryChoice,
    loaded_groups::find_group,
    own_devices::own_devices,
    share_own_state::thread_of,
    step::Step,
    tasks::{Hold, SendTask},
};

/// Messages and bytes of one chunk, before it is sealed.
const MESSAGES: u64 = 250;
const BYTES: usize = 200_000;
/// How long the history waits at the server for the new device.
const DAYS: u32 = 14;
/// The last month.
const MONTH_DAYS: u64 = 30;
/// The new device is told of every so many chunks.
const TOLD: u32 = 8;

/// Begins what devices were promised that have just come among the account's devices.
pub(crate) fn begin_histories(step: &mut Step<'_>, added: &[Member]) -> Result<(), EngineError> {
    for device in added {
        let serial = device.certificate.serial;
        let setting = history_setting(&serial);
        let promised = step.tx.setting_get(&setting)?;
        step.tx.setting_delete(&setting)?;
        let number = promised.and_then(|bytes| bytes.try_into().ok());
        let since = match HistoryChoice::numbered(number.map_or(0, u32::from_be_bytes)) {
            HistoryChoice::None => continue,
            HistoryChoice::Month => Timestamp(step.now.0.saturating_sub(MONTH_DAYS * DAY_MS)),
            HistoryChoice::All => Timestamp(0),
        };
        begin(step, serial, since)?;
    }
    Ok(())
}

fn begin(step: &mut Step<'_>, device: Serial, since: Timestamp) -> Result<(), EngineError> {
    let mut key = Zeroizing::new(vec![0; 32]);
    step.rng.fill_bytes(&mut key);
    let transfer = TransferRow {
        id: ContentId::random(step.rng),
        giving: true,
        device,
        state: TransferState::UnderWay,
        blob: BlobName::random(step.rng),
        key,
        since,
        cursor: u64::MAX,
        chunks: 0,
        put: Vec::new(),
        messages: 0,
        total: step.tx.count_messages(since)?,
        bytes: 0,
        begun_at: step.now,
        ended_at: Timestamp(0),
    };
    step.tx.put_transfer(&transfer)?;
    note(step.tx, Event::Transfer { id: transfer.id })?;
    tell(step, &transfer, false)
}

impl Engine {
    /// Moves histories on that are given; tells whether there is something to do.
    pub(crate) fn give_history(
        &mut self,
        transfer: TransferRow,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let task = SendTask::PutArchive(transfer.id);
        let under_way = self.send.unanswered().any(|other| *other == task);
        if under_way || !self.send.is_ready() || self.is_held(&Hold::Transfer(transfer.id), now) {
            return Ok(true);
        }
        let (first_day, today) = (self.first_token_day(now), self.server_now(now).day().0);
        let put = self.step(now, |step| prepare(step, transfer, first_day, today))?;
        if let Some(put) = put {
            self.ask_sending(Request::BlobPut(put), task, now);
        }
        Ok(true)
    }

    /// The server has a chunk.
    pub(crate) fn archive_put(
        &mut self,
        id: &ContentId,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.release(&Hold::Transfer(*id));
        self.step(now, |step| {
            let Some(mut transfer) = step.tx.transfer(id)? else {
                return Ok(());
            };
            let put = proto::BlobPut::decode(transfer.put.as_slice()).unwrap_or_default();
            transfer.put.clear();
            transfer.chunks = put.index + 1;
            transfer.bytes += put.chunk.len() as u64;
            step.tx.put_transfer(&transfer)?;
            note(step.tx, Event::Transfer { id: *id })?;
            if transfer.chunks == 1 || transfer.chunks.is_multiple_of(TOLD) {
                tell(step, &transfer, false)?;
            }
            Ok(())
        })
    }
}

/// The next chunk with its tokens; none if there is nothing more, or no token for it yet.
fn prepare(
    step: &mut Step<'_>,
    mut transfer: TransferRow,
    first_day: u32,
    today: u32,
) -> Result<Option<proto::BlobPut>, EngineError> {
    if !transfer.put.is_empty() {
        let put = proto::BlobPut::decode(transfer.put.as_slice());
        return put
            .map(Some)
            .map_err(|_| EngineError::Damaged("a chunk of a history"));
    }
    let tokens = if transfer.chunks.is_multiple_of(limits::BLOB_CHUNKS_PER_MIB) {
        match step.tx.take_tokens(limits::PRICE_BLOB_MIB, first_day)? {
            Some(tokens) => tokens,
            None => return Ok(None),
        }
    } else {
        Vec::new()
    };
    let Some(chunk) = next_chunk(step, &mut transfer)? else {
        transfer.state = TransferState::Done;
        transfer.ended_at = step.now;
        tell(step, &transfer, true)?;
        step.tx.put_transfer(&transfer)?;
        note(step.tx, Event::Transfer { id: transfer.id })?;
        return Ok(None);
    };
    let put = proto::BlobPut {
        name: transfer.blob.to_vec(),
        index: transfer.chunks,
        chunk: seal(&transfer.key, transfer.chunks, &chunk.encode_to_vec())?.into(),
        expiry_day: transfer.begun_at.day().0.max(today.saturating_sub(1)) + DAYS,
        drop_key_hash: drop_key_hash(&drop_key(&transfer.key)).to_vec(),
        tokens,
    };
    transfer.put = put.encode_to_vec();
    step.tx.put_transfer(&transfer)?;
    Ok(Some(put))
}

/// The next messages, and moves the transfer past them.
fn next_chunk(
    step: &Step<'_>,
    transfer: &mut TransferRow,
) -> Result<Option<content::ArchiveChunk>, EngineError> {
    let rows = step
        .tx
        .newest_messages(transfer.cursor, transfer.since, MESSAGES)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut senders = Senders::new(step)?;
    let mut chunk = content::ArchiveChunk::default();
    let mut bytes = 0;
    for row in rows {
        bytes += row.text.len() + row.signed.len() + 200;
        if bytes > BYTES && !chunk.messages.is_empty() {
            break;
        }
        transfer.cursor = row.seq;
        transfer.messages += 1;
        let chat = step.tx.chat(&row.chat)?;
        let known =
            chat.filter(|chat| chat.state != ChatState::Request && chat.state != ChatState::Adding);
        // What is on its way goes to the new device when it is there.
        let (Some(chat), false) = (known, row.state == MessageState::Queued) else {
            continue;
        };
        let certificate = senders.certificate(step, &chat, &row)?;
        let place = certificate.map(|certificate| {
            let known = chunk
                .certificates
                .iter()
                .position(|one| *one == certificate);
            known.unwrap_or_else(|| {
                chunk.certificates.push(certificate);
                chunk.certificates.len() - 1
            })
        });
        let place = place.map_or(0, |place| u32::try_from(place + 1).unwrap_or(0));
        chunk.messages.push(archived(row, thread_of(&chat), place));
    }
    Ok(Some(chunk))
}

fn archived(row: MessageRow, conversation: Vec<u8>, certificate: u32) -> content::ArchivedMessage {
    content::ArchivedMessage {
        conversation,
        sender: row.sender.to_vec(),
        content_id: row.content_id.to_vec(),
        kind: row.kind.number(),
        text: row.text,
        sent_at_ms: row.sent_at.0,
        stored_at_ms: row.stored_at.0,
        state: row.state.number(),
        signed: row.signed,
        group_id: row.group_id,
        certificate,
        mentions: row.mentions,
    }
}

/// The certificates by which messages can be proved.
struct Senders {
    own: Vec<Certificate>,
    known: BTreeMap<(AccountId, Vec<u8>), Vec<Certificate>>,
}

impl Senders {
    fn new(step: &Step<'_>) -> Result<Self, EngineError> {
        let own = own_devices(step.tx)?;
        Ok(Self {
            own: own.certificates().cloned().collect(),
            known: BTreeMap::new(),
        })
    }

    /// The certificate of the device that signed a message, if it is known.
    fn certificate(
        &mut self,
        step: &Step<'_>,
        chat: &ChatRow,
        row: &MessageRow,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        if row.signed.is_empty() || row.group_id.is_empty() {
            return Ok(None);
        }
        let candidates = if row.sender == step.me.account {
            &self.own
        } else {
            let name = (row.sender, chat.group_id.clone());
            if !self.known.contains_key(&name) {
                let found = of_sender(step, chat, &row.sender)?;
                self.known.insert(name.clone(), found);
            }
            self.known.get(&name).unwrap_or(&self.own)
        };
        let signer = candidates.iter().find(|certificate| {
            SignedContent::verify(&row.signed, &row.group_id, &certificate.device_key).is_ok()
        });
        Ok(signer.map(Certificate::encode))
    }
}

fn of_sender(
    step: &Step<'_>,
    chat: &ChatRow,
    sender: &AccountId,
) -> Result<Vec<Certificate>, EngineError> {
    let mut found = Vec::new();
    if let Some(contact) = step.tx.contact(sender)? {
        let list = proto::DeviceList::decode(contact.devices.as_slice());
        let list = list.ok().and_then(|list| DeviceList::restore(list).ok());
        found.extend(list.iter().flat_map(DeviceList::certificates).cloned());
    }
    if chat.kind == ChatKind::Group
        && let Some(group) = find_group(step, &chat.group_id)?
    {
        let members = members_of(&group)?;
        let theirs = members.iter().filter(|one| one.account == *sender);
        found.extend(theirs.map(|member| member.certificate.clone()));
    }
    Ok(found)
}

/// Tells the new device how much of the history is there.
pub(crate) fn tell(
    step: &mut Step<'_>,
    transfer: &TransferRow,
    complete: bool,
) -> Result<(), EngineError> {
    let device = if transfer.giving {
        transfer.device
    } else {
        step.me.identity.certificate.serial
    };
    let archive = content::Archive {
        id: transfer.id.to_vec(),
        device: device.to_vec(),
        blob: transfer.blob.to_vec(),
        key: transfer.key.to_vec(),
        chunks: transfer.chunks,
        messages: transfer.messages,
        total: transfer.total,
        complete,
        cancelled: transfer.state == TransferState::Cancelled,
    };
    let Some(notes) = step.tx.notes()? else {
        return Ok(());
    };
    put_into_outbox(step, &notes.chat, Body::Archive(archive))
}

/// What lets one drop the blob.
pub(crate) fn drop_key(key: &[u8]) -> [u8; 32] {
    hash_parts("undertone/1 archive drop key", &[key])
}

/// A chunk is sealed under the key of the history, each under its own number: it opens only in its place.
fn seal(key: &[u8], index: u32, chunk: &[u8]) -> Result<Vec<u8>, EngineError> {
    let cipher = XChaCha20Poly1305::new_from_slice(key);
    let cipher = cipher.map_err(|_| EngineError::Damaged("a history's key"))?;
    // XChaCha20-Poly1305 refuses only what is longer than 256 GiB.
    Ok(cipher
        .encrypt(&counted_nonce(index.into()).into(), chunk)
        .unwrap_or_default())
}

/// Opens what another device sealed.
pub(crate) fn open_chunk(key: &[u8], index: u32, sealed: &[u8]) -> Option<content::ArchiveChunk> {
    let cipher = XChaCha20Poly1305::new_from_slice(key).ok()?;
    let chunk = Zeroizing::new(
        cipher
            .decrypt(&counted_nonce(index.into()).into(), sealed)
            .ok()?,
    );
    content::ArchiveChunk::decode(chunk.as_slice()).ok()
}
