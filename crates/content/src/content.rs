//! One signed item of a conversation: made, signed, verified, read.

use prost::Message as _;
use sha2::{Digest as _, Sha256};
use undertone_wire::{
    ids::{ContentId, DeviceKey},
    reach::ReachSecret,
    signing::{Purpose, SecretKey, verify},
    time::Timestamp,
};

use crate::{
    CONTENT_VERSION, ContentError, epoch_mark::EpochMark, limits, proto, register::Register, text,
};

pub use crate::text::{Mention, Text, decode_mentions, encode_mentions};

/// What somebody says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A text message.
    Text(Text),
    /// How the sender shows themselves in this conversation.
    Profile(Profile),
    /// Whether the other wants to be added to a group.
    GroupInvitation(GroupInvitation),
    /// The answer.
    InvitationAnswer(InvitationAnswer),
    /// What one's own devices have in common.
    OwnState(Vec<Register>),
    /// Where a new device of one's own wants to be added.
    PlaceRequest(PlaceRequest),
    /// History for a device of one's own.
    Archive(proto::Archive),
    /// Something that this version does not know: kept as it came, shown as made with a newer version.
    Newer,
}

/// How a sender shows themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The name they chose.
    pub name: String,
    /// Reaches their card `contacts`.
    pub contacts_secret: Option<ReachSecret>,
}

/// Whether somebody wants to be added to a group, of which it says nothing but the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupInvitation {
    /// Names it in the answer.
    pub id: ContentId,
    /// How many people are in the group.
    pub people: u32,
}

/// What an invitation is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationAnswer {
    /// Of the invitation.
    pub id: ContentId,
    /// How to add who accepts; nothing if they decline.
    pub accepted: Option<Admission>,
}

/// How somebody can be added to one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Its knock key seals the Welcomes.
    pub secret: ReachSecret,
    /// Encoded KeyPackages, one a device. Not looked at here.
    pub key_packages: Vec<Vec<u8>>,
}

/// Where a new device of one's own wants to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRequest {
    /// Its knock key seals the Welcomes.
    pub secret: ReachSecret,
    /// For each group its id and an encoded KeyPackage, which is not looked at here.
    pub places: Vec<(Vec<u8>, Vec<u8>)>,
}

impl PlaceRequest {
    /// The encoding that [`PlaceRequest::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        self.to_proto().encode_to_vec()
    }

    /// Reads a request that did not come as content.
    ///
    /// # Errors
    /// [`ContentError`] if it is malformed or too large.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let read = proto::PlaceRequest::decode(bytes).map_err(|_| ContentError::Malformed)?;
        Self::from_proto(read)
    }

    fn to_proto(&self) -> proto::PlaceRequest {
        let places = self.places.iter();
        proto::PlaceRequest {
            secret: self.secret.as_bytes().to_vec(),
            places: places
                .map(|(group_id, key_package)| proto::Place {
                    group_id: group_id.clone(),
                    key_package: key_package.clone(),
                })
                .collect(),
        }
    }

    fn from_proto(read: proto::PlaceRequest) -> Result<Self, ContentError> {
        if read.places.len() > limits::PLACES {
            return Err(ContentError::TooLarge);
        }
        let places = read.places.into_iter();
        Ok(Self {
            secret: secret(&read.secret)?.ok_or(ContentError::Malformed)?,
            places: places
                .map(|place| (place.group_id, place.key_package))
                .collect(),
        })
    }
}

/// An item whose form is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The same when the item is encrypted anew.
    pub id: ContentId,
    /// By the sender's clock.
    pub sent_at: Timestamp,
    /// What it says.
    pub body: Body,
}

/// An item with its encoding and signature, as it travels and as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedContent {
    content: Content,
    epoch_mark: Option<EpochMark>,
    proto: proto::SignedContent,
}

impl Content {
    /// Checks the limits and encodes the body that is signed, once for each conversation it is sent in.
    ///
    /// # Errors
    /// [`ContentError`] if something is empty, too large, or of a kind that cannot be made.
    pub fn encode(&self) -> Result<Vec<u8>, ContentError> {
        check(&self.body)?;
        let body = match &self.body {
            Body::Text(text) => proto::content::Body::Text(text::to_proto(text)),
            Body::Profile(profile) => proto::content::Body::Profile(proto::Profile {
                name: profile.name.clone(),
                contacts_secret: profile
                    .contacts_secret
                    .as_ref()
                    .map(|secret| secret.as_bytes().to_vec())
                    .unwrap_or_default(),
            }),
            Body::GroupInvitation(invitation) => {
                proto::content::Body::GroupInvitation(proto::GroupInvitation {
                    id: invitation.id.to_vec(),
                    people: invitation.people,
                })
            }
            Body::InvitationAnswer(answer) => {
                let accepted = answer.accepted.as_ref();
                proto::content::Body::InvitationAnswer(proto::InvitationAnswer {
                    id: answer.id.to_vec(),
                    secret: accepted
                        .map(|admission| admission.secret.as_bytes().to_vec())
                        .unwrap_or_default(),
                    key_packages: accepted
                        .map(|admission| admission.key_packages.clone())
                        .unwrap_or_default(),
                })
            }
            Body::OwnState(registers) => proto::content::Body::OwnState(proto::OwnState {
                registers: registers.iter().map(Register::to_proto).collect(),
            }),
            Body::PlaceRequest(request) => proto::content::Body::PlaceRequest(request.to_proto()),
            Body::Archive(archive) => proto::content::Body::Archive(archive.clone()),
            Body::Newer => return Err(ContentError::Malformed),
        };
        Ok(proto::Content {
            version: CONTENT_VERSION,
            id: self.id.to_vec(),
            sent_at_ms: self.sent_at.0,
            body: Some(body),
            epoch_mark: None,
        }
        .encode_to_vec())
    }
}

impl Content {
    /// Reads what [`Content::encode`] made.
    ///
    /// # Errors
    /// [`ContentError::Malformed`] if it is no content.
    pub fn decode(body: &[u8]) -> Result<Self, ContentError> {
        Ok(read(body)?.0)
    }
}

/// Adds the mark of a conversation to what [`Content::encode`] made.
///
/// # Errors
/// [`ContentError::Malformed`] if `body` is no content.
pub fn with_epoch_mark(body: &[u8], mark: EpochMark) -> Result<Vec<u8>, ContentError> {
    let mut content = proto::Content::decode(body).map_err(|_| ContentError::Malformed)?;
    content.epoch_mark = Some(mark.to_proto());
    Ok(content.encode_to_vec())
}

impl SignedContent {
    /// Signs what [`Content::encode`] made for one conversation, named by the id of its group.
    ///
    /// # Errors
    /// [`ContentError`] if `body` is no content.
    pub fn sign(
        body: Vec<u8>,
        conversation: &[u8],
        device: &SecretKey,
    ) -> Result<Self, ContentError> {
        let (content, epoch_mark) = read(&body)?;
        let signature =
            with_signed_parts(&content, &body, conversation, &device.public(), |parts| {
                device.sign(Purpose::Content, parts)
            });
        let proto = proto::SignedContent {
            body,
            signature: signature.to_vec(),
        };
        Ok(Self {
            content,
            epoch_mark,
            proto,
        })
    }

    /// Reads and verifies what `device` sent in `conversation`.
    ///
    /// # Errors
    /// [`ContentError`] says what is wrong.
    pub fn verify(
        bytes: &[u8],
        conversation: &[u8],
        device: &DeviceKey,
    ) -> Result<Self, ContentError> {
        if bytes.len() > limits::CONTENT_BYTES {
            return Err(ContentError::TooLarge);
        }
        let proto = proto::SignedContent::decode(bytes).map_err(|_| ContentError::Malformed)?;
        let (content, epoch_mark) = read(&proto.body)?;
        with_signed_parts(
            &content,
            &proto.body,
            conversation,
            device.as_bytes(),
            |parts| verify(device.as_bytes(), Purpose::Content, parts, &proto.signature),
        )
        .map_err(|_| ContentError::Signature)?;
        check(&content.body)?;
        Ok(Self {
            content,
            epoch_mark,
            proto,
        })
    }

    /// What it says.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// What its writer says of another conversation that both are in.
    pub fn epoch_mark(&self) -> Option<EpochMark> {
        self.epoch_mark
    }

    /// The encoding that [`SignedContent::verify`] reads.
    pub fn encode(&self) -> Vec<u8> {
        self.proto.encode_to_vec()
    }
}

/// The signature covers conversation, sender, id, time and a digest of the whole body, each by itself, so
/// that a report can show who said it, where and when without showing what.
fn with_signed_parts<T>(
    content: &Content,
    body: &[u8],
    conversation: &[u8],
    device: &[u8; 32],
    then: impl FnOnce(&[&[u8]]) -> T,
) -> T {
    let digest: [u8; 32] = Sha256::digest(body).into();
    let time = content.sent_at.0.to_be_bytes();
    then(&[conversation, device, content.id.as_bytes(), &time, &digest])
}

fn read(body: &[u8]) -> Result<(Content, Option<EpochMark>), ContentError> {
    let content = proto::Content::decode(body).map_err(|_| ContentError::Malformed)?;
    let mark = content.epoch_mark.as_ref();
    let mark = mark.map(EpochMark::from_proto).transpose()?;
    let id = content_id(&content.id)?;
    let body = match content.body {
        _ if content.version > CONTENT_VERSION => Body::Newer,
        None => Body::Newer,
        Some(proto::content::Body::Text(text)) => Body::Text(text::from_proto(text)?),
        Some(proto::content::Body::Profile(profile)) => Body::Profile(Profile {
            name: profile.name,
            contacts_secret: secret(&profile.contacts_secret)?,
        }),
        Some(proto::content::Body::GroupInvitation(invitation)) => {
            Body::GroupInvitation(GroupInvitation {
                id: content_id(&invitation.id)?,
                people: invitation.people,
            })
        }
        Some(proto::content::Body::InvitationAnswer(answer)) => {
            Body::InvitationAnswer(InvitationAnswer {
                id: content_id(&answer.id)?,
                accepted: secret(&answer.secret)?.map(|secret| Admission {
                    secret,
                    key_packages: answer.key_packages,
                }),
            })
        }
        Some(proto::content::Body::OwnState(state)) => {
            let registers = state.registers.into_iter().map(Register::from_proto);
            Body::OwnState(registers.collect::<Result<_, _>>()?)
        }
        Some(proto::content::Body::PlaceRequest(request)) => {
            Body::PlaceRequest(PlaceRequest::from_proto(request)?)
        }
        Some(proto::content::Body::Archive(archive)) => Body::Archive(archive),
    };
    let content = Content {
        id,
        sent_at: Timestamp(content.sent_at_ms),
        body,
    };
    Ok((content, mark))
}

fn content_id(bytes: &[u8]) -> Result<ContentId, ContentError> {
    ContentId::try_from(bytes).map_err(|_| ContentError::Malformed)
}

/// A secret that may be absent.
fn secret(bytes: &[u8]) -> Result<Option<ReachSecret>, ContentError> {
    match bytes {
        [] => Ok(None),
        bytes => match bytes.try_into() {
            Ok(bytes) => Ok(Some(ReachSecret::new(bytes))),
            Err(_) => Err(ContentError::Malformed),
        },
    }
}

fn check(body: &Body) -> Result<(), ContentError> {
    match body {
        Body::Text(text) => text::check(text),
        Body::Profile(profile) => check_name(&profile.name),
        Body::InvitationAnswer(InvitationAnswer {
            accepted: Some(admission),
            ..
        }) => {
            let count = admission.key_packages.len();
            if count == 0 {
                Err(ContentError::Empty)
            } else if count > limits::KEY_PACKAGES {
                Err(ContentError::TooLarge)
            } else {
                Ok(())
            }
        }
        Body::InvitationAnswer(_)
        | Body::GroupInvitation(_)
        | Body::OwnState(_)
        | Body::PlaceRequest(_)
        | Body::Archive(_)
        | Body::Newer => Ok(()),
    }
}

/// Whether a name can be used as one: something visible, on one line, of a bounded length.
///
/// # Errors
/// [`ContentError`] says why not.
pub fn check_name(name: &str) -> Result<(), ContentError> {
    if name.trim().is_empty() {
        Err(ContentError::Empty)
    } else if name.len() > limits::NAME_BYTES {
        Err(ContentError::TooLarge)
    } else if name.chars().any(char::is_control) {
        Err(ContentError::Malformed)
    } else {
        Ok(())
    }
}

/// Whether a group can be called this: as a name, but longer.
///
/// # Errors
/// [`ContentError`] says why not.
pub fn check_title(title: &str) -> Result<(), ContentError> {
    if title.trim().is_empty() {
        Err(ContentError::Empty)
    } else if title.len() > limits::TITLE_BYTES {
        Err(ContentError::TooLarge)
    } else if title.chars().any(char::is_control) {
        Err(ContentError::Malformed)
    } else {
        Ok(())
    }
}

/// Whether a group can be described by this; nothing at all is no description.
///
/// # Errors
/// [`ContentError::TooLarge`].
pub fn check_description(description: &str) -> Result<(), ContentError> {
    let fits = description.len() <= limits::DESCRIPTION_BYTES;
    fits.then_some(()).ok_or(ContentError::TooLarge)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use undertone_wire::ids::AccountId;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn content(body: Body) -> Content {
        Content {
            id: ContentId::new([4; 16]),
            sent_at: Timestamp(1_800_000_000_000),
            body,
        }
    }

    fn sign(body: Body) -> Result<SignedContent, ContentError> {
        SignedContent::sign(content(body).encode()?, b"here", &key())
    }

    fn key() -> SecretKey {
        SecretKey::from_seed(&[1; 32])
    }

    fn device() -> DeviceKey {
        DeviceKey::new(key().public())
    }

    #[test]
    fn content_comes_back_only_in_its_conversation_from_its_device() {
        let profile = Profile {
            name: "Anna".into(),
            contacts_secret: Some(ReachSecret::new([7; 32])),
        };
        let admission = Admission {
            secret: ReachSecret::new([8; 32]),
            key_packages: vec![vec![1, 2], vec![3]],
        };
        let id = ContentId::new([5; 16]);
        for body in [
            Body::Text("hello".into()),
            Body::Text(Text {
                text: "Zoë @all".into(),
                mentions: vec![
                    Mention {
                        start: 0,
                        length: 4,
                        account: Some(AccountId::new([6; 32])),
                    },
                    Mention {
                        start: 5,
                        length: 4,
                        account: None,
                    },
                ],
            }),
            Body::Profile(profile),
            Body::GroupInvitation(GroupInvitation { id, people: 12 }),
            Body::InvitationAnswer(InvitationAnswer {
                id,
                accepted: Some(admission),
            }),
            Body::InvitationAnswer(InvitationAnswer { id, accepted: None }),
        ] {
            let bytes = sign(body.clone()).unwrap().encode();
            let read = SignedContent::verify(&bytes, b"here", &device()).unwrap();
            assert_eq!(read.content(), &content(body));
            assert_eq!(
                SignedContent::verify(&bytes, b"there", &device()),
                Err(ContentError::Signature)
            );
            let other = DeviceKey::new(SecretKey::from_seed(&[2; 32]).public());
            assert_eq!(
                SignedContent::verify(&bytes, b"here", &other),
                Err(ContentError::Signature)
            );
        }
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn the_format_is_fixed() {
        let bytes = sign(Body::Text("hello".into())).unwrap().encode();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        insta::assert_snapshot!(hex);
    }

    fn marked() -> (Content, EpochMark, SignedContent) {
        let mark = EpochMark::of(&[5; 32], 7, b"authenticator").unwrap();
        let plain = Content {
            id: ContentId::new([4; 16]),
            sent_at: Timestamp(5),
            body: Body::Text("hello".into()),
        };
        let body = with_epoch_mark(&plain.encode().unwrap(), mark).unwrap();
        let signed = SignedContent::sign(body, b"here", &key()).unwrap();
        (plain, mark, signed)
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn the_format_with_a_mark_is_fixed() {
        let bytes = marked().2.encode();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        insta::assert_snapshot!(hex);
    }

    #[test]
    fn a_mark_of_another_conversation_comes_along_and_is_signed() {
        let (plain, mark, signed) = marked();
        let read = SignedContent::verify(&signed.encode(), b"here", &device()).unwrap();
        assert_eq!((read.content(), read.epoch_mark()), (&plain, Some(mark)));

        let mut other = proto::SignedContent::decode(signed.encode().as_slice()).unwrap();
        other.body = plain.encode().unwrap();
        let bytes = other.encode_to_vec();
        let refused = SignedContent::verify(&bytes, b"here", &device());
        assert_eq!(refused, Err(ContentError::Signature));
        assert_eq!(EpochMark::of(&[5; 7], 7, b"authenticator"), None);
    }

    #[test]
    fn unknown_kinds_survive() {
        let mut body = proto::Content {
            version: 1,
            id: vec![4; 16],
            sent_at_ms: 5,
            body: None,
            epoch_mark: None,
        }
        .encode_to_vec();
        body.extend([0xfa, 0x07, 1, b'x']); // field 127
        let (newer, _) = read(&body).unwrap();
        let time = 5_u64.to_be_bytes();
        let digest: [u8; 32] = Sha256::digest(&body).into();
        let device = device();
        let parts: [&[u8]; 5] = [
            b"here",
            device.as_bytes(),
            newer.id.as_bytes(),
            &time,
            &digest,
        ];
        let signature = key().sign(Purpose::Content, &parts).to_vec();
        let bytes = proto::SignedContent { body, signature }.encode_to_vec();
        let read = SignedContent::verify(&bytes, b"here", &device).unwrap();
        assert_eq!(read.content().body, Body::Newer);
        assert_eq!(read.encode(), bytes);
    }

    #[test]
    fn empty_and_oversize_are_refused() {
        let sign = |body| sign(body).err();
        assert_eq!(sign(Body::Text(" \n".into())), Some(ContentError::Empty));
        assert_eq!(
            sign(Body::Text("x".repeat(limits::TEXT_BYTES + 1).into())),
            Some(ContentError::TooLarge)
        );
        assert_eq!(check_name("two\nlines"), Err(ContentError::Malformed));
        assert_eq!(
            check_name(&"x".repeat(limits::NAME_BYTES + 1)),
            Err(ContentError::TooLarge)
        );
        assert_eq!(check_name("Zoë"), Ok(()));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = SignedContent::verify(&bytes, b"here", &device());
            let _ = read(&bytes);
        }
    }
}
