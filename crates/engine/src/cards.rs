//! This account's cards: made, published with KeyPackages for the weeks ahead, renewed, dropped.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _},
};
use prost::Message as _;
use rand_core::CryptoRngCore;
use undertone_mls::{LeafInfo, OwnKeyPackage, make_key_package};
use undertone_store::{
    aliases::{AliasRow, AliasState},
    cards::{CardKind, CardRow, CardState},
};
use undertone_wire::{
    PROTOCOL_VERSION,
    digest::{card_drop_digest, card_put_digest},
    identity::DeviceList,
    ids::{Alias, Handle},
    limits,
    proto::{self, ErrorKind, send_request::Body as Request},
    reach::{ReachSecret, SymmetricKey},
    signing::{Purpose, SecretKey},
    time::{Timestamp, WEEK_MS, Week},
};
use zeroize::Zeroizing;

use crate::{
    engine::Engine,
    error::EngineError,
    own_devices::{own_devices, own_slot},
    step::Step,
    tasks::{Hold, SendTask},
};

/// KeyPackages are published for so many weeks ahead, whether the device is online or not.
const WEEKS_AHEAD: u32 = 13;
/// They are published anew when fewer weeks than this are left.
const WEEKS_LEFT: u32 = 9;
/// One-time KeyPackages of a device on the card that contacts hold: one, because a reader is handed one of each slot.
const ONE_TIME: u32 = 1;
/// The alias of a week goes so many weeks after it, unless a request that came by it still waits.
const RETIRE_WEEKS: u32 = 5;
/// How long the server keeps a card that nobody renews.
const LEASE_WEEKS: u32 = 26;
const NONCE: usize = 24;

/// Makes a card that is to be published. `expires_at` 0 is never.
pub(crate) fn want_card(
    step: &mut Step<'_>,
    kind: CardKind,
    expires_at: Timestamp,
) -> Result<ReachSecret, EngineError> {
    let secret = ReachSecret::random(step.rng);
    let owner = SecretKey::random(step.rng);
    step.tx.put_card(&CardRow {
        secret: secret.clone(),
        kind,
        owner_seed: Zeroizing::new(owner.seed().to_vec()),
        state: CardState::Wanted,
        published_until: 0,
        created_at: step.now,
        expires_at,
        put: Vec::new(),
        slot: 0,
        head_due: false,
    })?;
    Ok(secret)
}

/// Makes a card that is on no server: whoever is told its secret reaches this device by it. `expires_at` 0 is never.
pub(crate) fn keep_local_card(
    step: &mut Step<'_>,
    kind: CardKind,
    expires_at: Timestamp,
) -> Result<ReachSecret, EngineError> {
    let secret = ReachSecret::random(step.rng);
    step.tx.put_card(&CardRow {
        secret: secret.clone(),
        kind,
        owner_seed: Zeroizing::new(Vec::new()),
        state: CardState::Published,
        published_until: 0,
        created_at: step.now,
        expires_at,
        put: Vec::new(),
        slot: 0,
        head_due: false,
    })?;
    Ok(secret)
}

/// Notes that an alias of a card is to be registered: bound to a guard, and with a KeyPackage, where it has them.
pub(crate) fn want_card_alias(
    step: &Step<'_>,
    alias: Alias,
    card: &ReachSecret,
    handle: Option<Handle>,
    key_package: Option<&OwnKeyPackage>,
    retire_at: Timestamp,
) -> Result<(), EngineError> {
    let reference = key_package.map(|made| made.reference.as_bytes().to_vec());
    Ok(step.tx.put_alias(&AliasRow {
        alias,
        card: Some(card.clone()),
        group_id: Vec::new(),
        handle,
        key_package: reference.unwrap_or_default(),
        state: AliasState::Wanted,
        renew_at: step.now.plus(WEEK_MS),
        retire_at,
    })?)
}

/// The card of a kind of which there is one at a time, as the newest that is not being dropped.
pub(crate) fn current_card(cards: Vec<CardRow>, kind: CardKind) -> Option<CardRow> {
    cards
        .into_iter()
        .rev()
        .find(|card| card.kind == kind && card.state != CardState::Dropping)
}

/// Takes a card back: nobody reaches the account by it from now on.
pub(crate) fn drop_card(step: &Step<'_>, mut card: CardRow) -> Result<(), EngineError> {
    step.tx.drop_card_aliases(&card.secret)?;
    card.state = CardState::Dropping;
    card.put.clear();
    step.tx.put_card(&card)?;
    Ok(())
}

impl Engine {
    /// Publishes, renews and drops cards; tells whether there is something of that to do on the sending connection.
    pub(crate) fn keep_cards(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let (week, survey) = (self.server_week(now), self.survey);
        let is_due = |at: Timestamp| at != Timestamp(0) && at <= now;
        if is_due(survey.retire_at) {
            self.store.write(|tx| tx.retire_aliases(now))?;
        }
        let old = survey.published_until > 0
            && survey.published_until.saturating_sub(week.0) < WEEKS_LEFT;
        if !survey.cards && !old && !is_due(survey.card_expires_at) {
            return Ok(false);
        }
        let mut busy = false;
        let slot = self.store.read(own_slot)?;
        for mut card in self.store.read(|tx| tx.cards())? {
            if self.is_held(&Hold::Card(*card.secret.as_bytes()), now) {
                continue;
            }
            let ended = card.expires_at != Timestamp(0) && card.expires_at <= now;
            match card.state {
                // Never on the server: it ends here.
                _ if card.kind.is_local() => {
                    if ended || card.state == CardState::Dropping {
                        self.store.write(|tx| {
                            tx.drop_card_aliases(&card.secret)?;
                            tx.delete_card(&card.secret)
                        })?;
                    }
                }
                CardState::Dropping => {
                    busy = true;
                    self.ask_drop(&card, now);
                }
                _ if ended => {
                    self.step(now, |step| drop_card(step, card))?;
                    busy = true;
                }
                CardState::Wanted => {
                    busy = true;
                    self.publish(card, week, now)?;
                }
                CardState::Published => {
                    if card.put.is_empty() && card.kind != CardKind::Once && card.slot != slot {
                        // Another device kept this place before, or this one another.
                        card.slot = slot;
                        card.published_until = 0;
                    }
                    let left = card.published_until.saturating_sub(week.0);
                    let old = card.kind != CardKind::Once && left < WEEKS_LEFT;
                    if !card.put.is_empty() || card.head_due || old {
                        busy = true;
                        self.publish(card, week, now)?;
                    }
                }
            }
        }
        Ok(busy)
    }

    /// Prepares the items with their aliases; when those stand, sets tokens aside and puts the card on the server.
    fn publish(
        &mut self,
        mut card: CardRow,
        week: Week,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if card.put.is_empty() {
            return self.step(now, |step| {
                let put = prepare(step, &card, week)?;
                card.put = put.encode_to_vec();
                card.head_due = false;
                step.tx.put_card(&card)?;
                Ok(())
            });
        }
        let task = SendTask::PutCard(card.secret.clone());
        let under_way = self.send.unanswered().any(|other| *other == task);
        if under_way
            || !self.send.is_ready()
            || !self
                .store
                .read(|tx| tx.card_aliases_settled(&card.secret))?
        {
            return Ok(());
        }
        let mut put = proto::CardPut::decode(card.put.as_slice())
            .map_err(|_| EngineError::Damaged("a card"))?;
        if put.tokens.is_empty() {
            let price = match card.state {
                CardState::Wanted => limits::PRICE_CARD,
                _ => limits::PRICE_CARD_CHANGE,
            };
            let first_day = self.first_token_day(now);
            let tokens = self.store.write(|tx| {
                let tokens = tx.take_tokens(price, first_day)?;
                if let Some(tokens) = &tokens {
                    put.tokens.clone_from(tokens);
                    card.put = put.encode_to_vec();
                    tx.put_card(&card)?;
                }
                Ok::<_, EngineError>(tokens)
            })?;
            if tokens.is_none() {
                return Ok(());
            }
        }
        self.ask_sending(Request::CardPut(put), task, now);
        Ok(())
    }

    fn ask_drop(&mut self, card: &CardRow, now: Timestamp) {
        let task = SendTask::DropCard(card.secret.clone());
        if !self.send.is_ready() || self.send.unanswered().any(|other| *other == task) {
            return;
        }
        let id = card.secret.card_id();
        let Ok(owner) = owner_key(card) else { return };
        let signature = owner.sign(Purpose::CardChange, &[&card_drop_digest(id.as_bytes())]);
        let body = proto::CardDrop {
            card: id.to_vec(),
            signature: signature.to_vec(),
        };
        self.ask_sending(Request::CardDrop(body), task, now);
    }

    /// The card is on the server.
    pub(crate) fn card_published(
        &mut self,
        secret: &ReachSecret,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.release(&Hold::Card(*secret.as_bytes()));
        self.store.write(|tx| {
            let Some(mut card) = tx.card(secret)? else {
                return Ok(());
            };
            let put = proto::CardPut::decode(card.put.as_slice()).unwrap_or_default();
            let until = put.items.iter().map(|item| item.week).max().unwrap_or(0);
            card.published_until = card.published_until.max(until);
            card.put.clear();
            if card.state == CardState::Wanted {
                card.state = CardState::Published;
            }
            tx.put_card(&card)?;
            Ok::<_, EngineError>(())
        })?;
        self.work(now)
    }

    /// The server refused the card: later again, with other tokens if it was for these.
    pub(crate) fn card_refused(
        &mut self,
        secret: &ReachSecret,
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.hold(Hold::Card(*secret.as_bytes()), error, now);
        self.store.write(|tx| {
            let Some(mut card) = tx.card(secret)? else {
                return Ok(());
            };
            if card.state == CardState::Dropping {
                if error.kind() == ErrorKind::NotFound {
                    tx.delete_card(secret)?;
                }
                return Ok(());
            }
            let mut put = proto::CardPut::decode(card.put.as_slice()).unwrap_or_default();
            put.tokens.clear();
            card.put = put.encode_to_vec();
            tx.put_card(&card)?;
            Ok::<_, EngineError>(())
        })
    }

    /// The server has dropped the card.
    pub(crate) fn card_dropped(&mut self, secret: &ReachSecret) -> Result<(), EngineError> {
        self.release(&Hold::Card(*secret.as_bytes()));
        Ok(self.store.write(|tx| tx.delete_card(secret))?)
    }
}

/// A request for the card with fresh KeyPackages, each with an alias of its own.
fn prepare(step: &mut Step<'_>, card: &CardRow, week: Week) -> Result<proto::CardPut, EngineError> {
    let key = card.secret.card_key();
    let one_time = match card.kind {
        CardKind::Once => 1,
        CardKind::Contacts if card.published_until == 0 => ONE_TIME,
        _ => 0,
    };
    let weeks = match card.kind {
        CardKind::Once => week.0..week.0,
        _ => card.published_until.saturating_add(1).max(week.0)..week.0 + WEEKS_AHEAD,
    };
    let mut items = Vec::new();
    if one_time > 0 {
        items.push(make_item(step, card, &key, 0)?);
    }
    for week in weeks {
        items.push(make_item(step, card, &key, week)?);
    }
    let head = proto::CardHead {
        version: PROTOCOL_VERSION,
        root_key: step.me.root_key.to_vec(),
        devices: Some(own_devices(step.tx)?.to_proto()),
    };
    let owner = owner_key(card)?;
    let mut put = proto::CardPut {
        card: card.secret.card_id().to_vec(),
        owner_key: owner.public().to_vec(),
        head: seal(&key, &head.encode_to_vec(), step.rng),
        items,
        lease_weeks: LEASE_WEEKS,
        tokens: Vec::new(),
        signature: Vec::new(),
    };
    put.signature = owner
        .sign(Purpose::CardChange, &[&card_put_digest(&put)])
        .to_vec();
    Ok(put)
}

fn make_item(
    step: &mut Step<'_>,
    card: &CardRow,
    key: &SymmetricKey,
    week: u32,
) -> Result<proto::CardItem, EngineError> {
    let alias = Alias::random(step.rng);
    let kind = match card.kind {
        CardKind::Link => undertone_mls::CardKind::Link,
        CardKind::Once => undertone_mls::CardKind::Once,
        CardKind::Contacts | CardKind::Admission => undertone_mls::CardKind::Contacts,
        CardKind::OwnDevice | CardKind::Newcomer | CardKind::Rescue => {
            undertone_mls::CardKind::OwnDevice
        }
    };
    // Contacts may see the name, and groups to which they add one show it at once.
    let name = match card.kind {
        CardKind::Contacts => step.tx.account()?.map(|account| account.name),
        _ => None,
    };
    let leaf = LeafInfo {
        alias,
        rescue_key: step.me.rescue_key,
        card: kind,
        name: name.unwrap_or_default(),
    };
    let made = make_key_package(&step.mls().provider(), &step.me.identity, &leaf, week > 0)
        .map_err(|_| EngineError::Mls("making a KeyPackage"))?;
    let retire_at = match week {
        0 => Timestamp(0),
        week => Week(week + RETIRE_WEEKS).start(),
    };
    want_card_alias(step, alias, &card.secret, None, Some(&made), retire_at)?;
    Ok(proto::CardItem {
        slot: card.slot,
        week,
        sealed: seal(key, &made.bytes, step.rng),
    })
}

fn owner_key(card: &CardRow) -> Result<SecretKey, EngineError> {
    let seed = card
        .owner_seed
        .as_slice()
        .try_into()
        .map_err(|_| EngineError::Damaged("a card's key"))?;
    Ok(SecretKey::from_seed(seed))
}

/// Seals what stands on a card under its key: a random nonce, then XChaCha20-Poly1305.
fn seal(key: &SymmetricKey, content: &[u8], rng: &mut dyn CryptoRngCore) -> Vec<u8> {
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);
    let cipher = XChaCha20Poly1305::new(key.as_bytes().into());
    // XChaCha20-Poly1305 refuses only what is longer than 256 GiB.
    let sealed = cipher
        .encrypt(XNonce::from_slice(&nonce), content)
        .unwrap_or_default();
    [nonce.as_slice(), &sealed].concat()
}

/// Opens what stands on somebody's card.
pub(crate) fn open_sealed(key: &SymmetricKey, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    XChaCha20Poly1305::new(key.as_bytes().into())
        .decrypt(XNonce::from_slice(nonce), sealed)
        .ok()
}

/// Reads the head of somebody's card.
pub(crate) fn read_head(key: &SymmetricKey, sealed: &[u8]) -> Option<DeviceList> {
    let head = proto::CardHead::decode(open_sealed(key, sealed)?.as_slice()).ok()?;
    let devices = DeviceList::verify(head.devices?).ok()?;
    (devices.root_key().as_bytes() == head.root_key.as_slice()).then_some(devices)
}
