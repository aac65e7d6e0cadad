//! The history comes from another device of one's own: fetched chunk by chunk, its signatures verified, put before what
//! is here.

use undertone_content::{
    content::{Body, SignedContent},
    proto as content,
};
use undertone_mls::Member;
use undertone_store::{
    chats::{ChatKind, ChatRow},
    messages::{MessageKind, MessageRow, MessageState},
    transfers::{TransferRow, TransferState},
};
use undertone_wire::{
    identity::Certificate,
    ids::{AccountId, BlobName, ContentId, Serial},
    proto::{self, ErrorKind, send_request::Body as Request},
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::{
    apply_own_state::chat_named,
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    give_history::{drop_key, open_chunk, tell},
    own_devices::described,
    step::Step,
    tasks::{Hold, SendTask},
};

/// Marks in `put`, when getting, that no more chunks come than are known; when giving, that all has arrived.
const COMPLETE: &[u8] = &[1];

/// A history on its way to or from another device, or one that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferView {
    /// Names it, alike on both devices.
    pub id: ContentId,
    /// Whether this device gives.
    pub giving: bool,
    /// The other device.
    pub device: Serial,
    /// What the other device is called.
    pub name: String,
    /// How far it is.
    pub state: TransferState,
    /// Messages that are across.
    pub messages: u64,
    /// Messages in all.
    pub total: u64,
    /// Bytes that are across.
    pub bytes: u64,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ended; 0 while it is under way.
    pub ended_at: Timestamp,
}

impl Engine {
    /// Histories that are under way, and the log of those that were, the newest first.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn transfers(&self) -> Result<Vec<TransferView>, EngineError> {
        self.store.read(|tx| {
            let mut views = Vec::new();
            for row in tx.transfers()? {
                views.push(TransferView {
                    id: row.id,
                    giving: row.giving,
                    device: row.device,
                    name: described(tx, &row.device)?.name,
                    state: row.state,
                    messages: row.messages,
                    total: row.total,
                    bytes: row.bytes,
                    begun_at: row.begun_at,
                    ended_at: row.ended_at,
                });
            }
            Ok(views)
        })
    }

    /// Stops a history that is under way. What has arrived stays.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such transfer under way.
    pub fn cancel_transfer(&mut self, id: &ContentId, now: Timestamp) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| {
            let transfer = step.tx.transfer(id)?;
            let under_way = transfer.filter(|row| row.state == TransferState::UnderWay);
            let mut transfer = under_way.ok_or(CommandError::Unknown("transfer under way"))?;
            end(step, &mut transfer, TransferState::Cancelled)?;
            Ok::<_, CommandError>(tell(step, &transfer, false)?)
        })?;
        self.work(now)?;
        Ok(())
    }

    /// Moves histories on, both ways; tells whether there is something to do.
    pub(crate) fn transfer_histories(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if !self.survey.transfers {
            return Ok(false);
        }
        let mut busy = false;
        for transfer in self.store.read(|tx| tx.transfers())? {
            busy |= match (transfer.state, transfer.giving) {
                (TransferState::UnderWay, true) => self.give_history(transfer, now)?,
                (TransferState::UnderWay, false) => self.fetch_history(&transfer, now),
                (TransferState::Cancelled, true) if transfer.chunks > 0 => {
                    self.drop_archive(&transfer, now);
                    true
                }
                (TransferState::Done, true) if transfer.chunks > 0 && transfer.put == COMPLETE => {
                    self.drop_archive(&transfer, now);
                    true
                }
                _ => false,
            };
        }
        Ok(busy)
    }

    fn fetch_history(&mut self, transfer: &TransferRow, now: Timestamp) -> bool {
        let task = SendTask::GetArchive(transfer.id);
        if transfer.cursor >= u64::from(transfer.chunks) {
            return false;
        }
        let under_way = self.send.unanswered().any(|other| *other == task);
        let held = self.is_held(&Hold::Transfer(transfer.id), now);
        if !under_way && !held && self.send.is_ready() {
            let body = proto::BlobGet {
                name: transfer.blob.to_vec(),
                index: u32::try_from(transfer.cursor).unwrap_or(u32::MAX),
            };
            self.ask_sending(Request::BlobGet(body), task, now);
        }
        true
    }

    fn drop_archive(&mut self, transfer: &TransferRow, now: Timestamp) {
        let task = SendTask::DropArchive(transfer.id);
        let under_way = self.send.unanswered().any(|other| *other == task);
        let held = self.is_held(&Hold::Transfer(transfer.id), now);
        if !under_way && !held && self.send.is_ready() {
            let body = proto::BlobDrop {
                name: transfer.blob.to_vec(),
                drop_key: drop_key(&transfer.key).to_vec(),
            };
            self.ask_sending(Request::BlobDrop(body), task, now);
        }
    }

    /// A chunk has come.
    pub(crate) fn archive_got(
        &mut self,
        id: &ContentId,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.release(&Hold::Transfer(*id));
        self.step(now, |step| {
            let transfer = step.tx.transfer(id)?;
            let Some(mut transfer) =
                transfer.filter(|row| row.state == TransferState::UnderWay && !row.giving)
            else {
                return Ok(());
            };
            let index = u32::try_from(transfer.cursor).unwrap_or(u32::MAX);
            let Some(chunk) = open_chunk(&transfer.key, index, sealed) else {
                // The server keeps something else: nothing more can come of it.
                end(step, &mut transfer, TransferState::Cancelled)?;
                return tell(step, &transfer, false);
            };
            transfer.messages += chunk.messages.len() as u64;
            transfer.bytes += sealed.len() as u64;
            transfer.cursor += 1;
            take(step, &chunk)?;
            finish_if_complete(step, transfer)
        })
    }

    /// The server has dropped what is not wanted any more.
    pub(crate) fn archive_dropped(&mut self, id: &ContentId) -> Result<(), EngineError> {
        self.release(&Hold::Transfer(*id));
        self.store.write(|tx| {
            if let Some(mut transfer) = tx.transfer(id)? {
                transfer.chunks = 0;
                transfer.key.clear();
                tx.put_transfer(&transfer)?;
            }
            Ok(())
        })
    }

    /// The server refused: later again, or with another token, or it is over.
    pub(crate) fn archive_refused(
        &mut self,
        id: &ContentId,
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.hold(Hold::Transfer(*id), error, now);
        let spent = matches!(
            error.kind(),
            ErrorKind::TokenInvalid | ErrorKind::TokenSpent
        );
        self.step(now, |step| {
            let Some(mut transfer) = step.tx.transfer(id)? else {
                return Ok(());
            };
            if spent {
                return new_token(step, transfer);
            }
            let gone = error.kind() == ErrorKind::NotFound && !transfer.giving;
            let never = matches!(
                error.kind(),
                ErrorKind::Malformed | ErrorKind::TooLarge | ErrorKind::Conflict
            );
            if (gone || never) && transfer.state == TransferState::UnderWay {
                end(step, &mut transfer, TransferState::Cancelled)?;
                tell(step, &transfer, false)?;
            }
            Ok(())
        })
    }
}

/// The token of the chunk that is being put is worth nothing: another takes its place.
fn new_token(step: &Step<'_>, mut transfer: TransferRow) -> Result<(), EngineError> {
    use prost::Message as _;
    let mut put = proto::BlobPut::decode(transfer.put.as_slice()).unwrap_or_default();
    let wanted = put.tokens.len();
    if let Some(tokens) = step.tx.take_tokens(wanted, 0)? {
        put.tokens = tokens;
        transfer.put = put.encode_to_vec();
        step.tx.put_transfer(&transfer)?;
    }
    Ok(())
}

fn end(
    step: &Step<'_>,
    transfer: &mut TransferRow,
    state: TransferState,
) -> Result<(), EngineError> {
    transfer.state = state;
    transfer.ended_at = step.now;
    if !transfer.giving {
        transfer.key.clear();
    }
    step.tx.put_transfer(transfer)?;
    Ok(note(step.tx, Event::Transfer { id: transfer.id })?)
}

fn finish_if_complete(step: &mut Step<'_>, mut transfer: TransferRow) -> Result<(), EngineError> {
    if transfer.cursor >= u64::from(transfer.chunks) && transfer.put == COMPLETE {
        // Whoever gave it need not keep it at the server any more.
        tell(step, &transfer, true)?;
        return end(step, &mut transfer, TransferState::Done);
    }
    step.tx.put_transfer(&transfer)?;
    Ok(note(step.tx, Event::Transfer { id: transfer.id })?)
}

/// Another device of one's own says how much of a history is there, or that it comes to nothing.
pub(crate) fn hear_of_history(
    step: &mut Step<'_>,
    sender: &Member,
    archive: &content::Archive,
) -> Result<(), EngineError> {
    let own = step.me.identity.certificate.serial;
    let Ok(id) = ContentId::try_from(archive.id.as_slice()) else {
        return Ok(());
    };
    let known = step.tx.transfer(&id)?;
    if let Some(mut transfer) = known.clone() {
        let given = transfer.giving && transfer.state == TransferState::Done;
        if archive.cancelled && (given || transfer.state == TransferState::UnderWay) {
            return end(step, &mut transfer, TransferState::Cancelled);
        }
        if archive.complete && given {
            transfer.put = COMPLETE.to_vec();
            return Ok(step.tx.put_transfer(&transfer)?);
        }
    }
    let (Ok(blob), true) = (
        BlobName::try_from(archive.blob.as_slice()),
        archive.device == own.to_vec() && archive.key.len() == 32 && !archive.cancelled,
    ) else {
        return Ok(());
    };
    let mut transfer = known.unwrap_or_else(|| TransferRow {
        id,
        giving: false,
        device: sender.certificate.serial,
        state: TransferState::UnderWay,
        blob,
        key: Zeroizing::new(archive.key.clone()),
        since: Timestamp(0),
        cursor: 0,
        chunks: 0,
        put: Vec::new(),
        messages: 0,
        total: 0,
        bytes: 0,
        begun_at: step.now,
        ended_at: Timestamp(0),
    });
    if transfer.giving || transfer.state != TransferState::UnderWay {
        return Ok(());
    }
    transfer.chunks = transfer.chunks.max(archive.chunks);
    transfer.total = archive.total;
    if archive.complete {
        transfer.put = COMPLETE.to_vec();
    }
    finish_if_complete(step, transfer)
}

/// Puts the messages of a chunk before all that is here.
fn take(step: &Step<'_>, chunk: &content::ArchiveChunk) -> Result<(), EngineError> {
    let certificates: Vec<_> = chunk
        .certificates
        .iter()
        .map(|bytes| Certificate::decode(bytes).ok())
        .collect();
    for message in &chunk.messages {
        let Some(chat) = chat_of(step, &message.conversation)? else {
            continue;
        };
        let Some(mut row) = read(step, &chat, message, &certificates) else {
            continue;
        };
        row.seq = step.tx.first_seq()?.saturating_sub(1);
        if step.tx.add_older_message(&row)? && row.sent_at > chat.last_at {
            step.tx.put_chat(&ChatRow {
                last_at: row.stored_at,
                ..chat
            })?;
        }
    }
    Ok(())
}

fn chat_of(step: &Step<'_>, conversation: &[u8]) -> Result<Option<ChatRow>, EngineError> {
    if conversation.is_empty() {
        return Ok(step.tx.notes()?);
    }
    chat_named(step, conversation)
}

/// A message whose proof, if there is one, holds.
fn read(
    step: &Step<'_>,
    chat: &ChatRow,
    message: &content::ArchivedMessage,
    certificates: &[Option<Certificate>],
) -> Option<MessageRow> {
    let sender = AccountId::try_from(message.sender.as_slice()).ok()?;
    let content_id = ContentId::try_from(message.content_id.as_slice()).ok()?;
    let (kind, mine) = (
        MessageKind::numbered(message.kind),
        sender == step.me.account,
    );
    let place = usize::try_from(message.certificate).ok()?.checked_sub(1);
    if let Some(place) = place {
        let certificate = certificates.get(place)?.as_ref()?;
        let signed =
            SignedContent::verify(&message.signed, &message.group_id, &certificate.device_key);
        let signed = signed.ok()?;
        let same_text = match &signed.content().body {
            Body::Text(text) => text.text == message.text,
            _ => kind == MessageKind::Newer,
        };
        if certificate.account() != sender || signed.content().id != content_id || !same_text {
            return None;
        }
    } else if kind != MessageKind::Change
        && message.signed.is_empty()
        && !(mine && chat.kind == ChatKind::Notes)
    {
        // What was never signed was never sent; only notes to oneself need no proof.
        return None;
    }
    let state = MessageState::numbered(message.state)?;
    let fits = match state {
        MessageState::Received => !mine,
        MessageState::Queued => false,
        _ => mine || kind == MessageKind::Change,
    };
    fits.then(|| MessageRow {
        seq: 0,
        chat: chat.chat,
        sender,
        content_id,
        kind,
        text: message.text.clone(),
        sent_at: Timestamp(message.sent_at_ms),
        stored_at: Timestamp(message.stored_at_ms),
        state,
        signed: message.signed.clone(),
        group_id: message.group_id.clone(),
        mentions: message.mentions.clone(),
    })
}
