//! Inputs that begin each corpus: valid ones of every kind, from which a fuzzer goes on.

mod frames;
mod scripts;

use prost::Message as _;
use undertone_content::{
    content::{
        Admission, Body, Content, GroupInvitation, InvitationAnswer, Mention, PlaceRequest,
        Profile, Text,
    },
    signal::Signal,
};
use undertone_mls::{CardKind, LeafInfo, Privacy, Rules};
use undertone_web_messages as web;
use undertone_wire::{
    entry::UnsealingKey,
    identity::{Capability, Certificate, DeviceList},
    ids::{AccountId, Alias, ContentId, DeviceKey, Handle, Serial},
    padding::pad,
    proto::{self, EntryBody, entry_body::Payload},
    reach::ReachSecret,
    signing::SecretKey,
    time::Timestamp,
};

use crate::{
    cut::part,
    identity::{device, root},
    tokens::{batch, issuer},
};

/// A target, the name of an input, and the input.
pub type Seed = (&'static str, &'static str, Vec<u8>);

/// All of them.
pub fn seeds() -> Vec<Seed> {
    [
        frames::seeds(),
        scripts::seeds(),
        identity_seeds(),
        content_seeds(),
        conversation_seeds(),
        token_seeds(),
        stored_seeds(),
        text_seeds(),
        web_seeds(),
    ]
    .concat()
}

fn certificate(key: &SecretKey, serial: u8, capability: Capability) -> Certificate {
    let serial = Serial::new([serial; 16]);
    Certificate::issue(&root(), DeviceKey::new(key.public()), serial, capability)
}

/// Two devices, one of which has revoked the other.
fn devices() -> proto::DeviceList {
    let mut list = DeviceList::new(certificate(&device(), 1, Capability::Full));
    let shared = certificate(&SecretKey::from_seed(&[3; 32]), 2, Capability::Shared);
    list.merge(&DeviceList::new(shared)).expect("one account");
    let mut list = list.to_proto();
    let body = proto::DeviceRevocation {
        version: 1,
        root_key: root().public().to_vec(),
        serial: vec![2; 16],
        signer_key: device().public().to_vec(),
    };
    // Every check signs it anew.
    list.revocations.push(proto::Signed {
        body: body.encode_to_vec(),
        signature: vec![0; 64],
    });
    list
}

/// One device.
fn device_alone() -> proto::DeviceList {
    DeviceList::new(certificate(&device(), 1, Capability::Full)).to_proto()
}

fn identity_seeds() -> Vec<Seed> {
    let signed = certificate(&device(), 1, Capability::Bot).encode();
    let body = proto::Signed::decode(signed.as_slice()).expect("a record");
    let head = proto::CardHead {
        version: 1,
        root_key: root().public().to_vec(),
        devices: Some(devices()),
    };
    vec![
        ("certificate", "signed", signed),
        ("certificate", "body", body.body),
        (
            "certificate",
            "revocation",
            devices().revocations[0].body.clone(),
        ),
        ("device_list", "one", device_alone().encode_to_vec()),
        ("device_list", "revoked", devices().encode_to_vec()),
        ("card_head", "whole", head.encode_to_vec()),
    ]
}

/// Content of every kind.
fn contents() -> [Vec<u8>; 5] {
    let id = ContentId::new([5; 16]);
    let bodies = [
        Body::Text("hello".into()),
        Body::Profile(Profile {
            name: "Mallory".into(),
            contacts_secret: Some(ReachSecret::new([7; 32])),
        }),
        Body::Text(Text {
            text: "@Anna, @all".into(),
            mentions: vec![
                Mention {
                    start: 0,
                    length: 5,
                    account: Some(AccountId::new([9; 32])),
                },
                Mention {
                    start: 7,
                    length: 4,
                    account: None,
                },
            ],
        }),
        Body::GroupInvitation(GroupInvitation { id, people: 5 }),
        Body::InvitationAnswer(InvitationAnswer {
            id,
            accepted: Some(Admission {
                secret: ReachSecret::new([8; 32]),
                key_packages: vec![vec![1, 2, 3]],
            }),
        }),
    ];
    bodies.map(|body| {
        let content = Content {
            id: ContentId::new([6; 16]),
            sent_at: Timestamp(1_728_000_000_000),
            body,
        };
        content.encode().expect("content")
    })
}

fn receipts() -> Vec<u8> {
    let receipts = Signal::Receipts {
        delivered: vec![ContentId::new([4; 16])],
        read: vec![ContentId::new([5; 16])],
    };
    receipts.encode()
}

fn content_seeds() -> Vec<Seed> {
    let [text, profile, mentions, invitation, answer] = contents();
    vec![
        ("content", "text", text),
        ("content", "profile", profile),
        ("content", "mentions", mentions),
        ("content", "invitation", invitation),
        ("content", "answer", answer),
        ("signal", "leave", Signal::Leave.encode()),
        ("signal", "receipts", receipts()),
        ("signal", "typing", Signal::Typing { active: true }.encode()),
        ("signal", "newer", Signal::Newer.encode()),
    ]
}

fn conversation_seeds() -> Vec<Seed> {
    let handle = Handle::new([1; 32]);
    let admin = AccountId::new([9; 32]);
    let group = Rules {
        description: "Where we plan".into(),
        privacy: Privacy::NO_BOTS,
        disappearing_seconds: 604_800,
        ..Rules::group(handle, "Garden".into(), admin)
    };
    let leaf = LeafInfo {
        alias: Alias::new([1; 32]),
        rescue_key: [2; 32],
        card: CardKind::Contacts,
        name: String::new(),
    };
    let call = PlaceRequest {
        secret: ReachSecret::new([3; 32]),
        places: vec![(vec![8; 32], b"a KeyPackage".to_vec())],
    };
    let welcome = [&[0x1a, 7], b"welcome".as_slice()].concat();
    vec![
        ("rules", "direct", Rules::direct(handle).encode()),
        ("rules", "own", Rules::own(handle).encode()),
        ("rules", "group", group.encode()),
        ("leaf_info", "contacts", leaf.encode()),
        ("envelope", "welcome", welcome.clone()),
        ("envelope", "padded", pad(welcome).expect("padded")),
        ("envelope", "outside", pad(outside()).expect("padded")),
        ("rescue", "place", call.encode()),
    ]
}

/// An envelope's body that points to a blob of one chunk.
fn outside() -> Vec<u8> {
    let there = [
        [&[0x0a, 32], [1; 32].as_slice()].concat(),
        [&[0x12, 32], [2; 32].as_slice()].concat(),
        vec![0x18, 1],
        [&[0x22, 32], [3; 32].as_slice()].concat(),
    ]
    .concat();
    [&[0x22, 104], there.as_slice()].concat()
}

fn token_seeds() -> Vec<Seed> {
    let (batch, request) = batch();
    let mut rng = rand_chacha::rand_core::SeedableRng::from_seed([3; 32]);
    let rng: &mut rand_chacha::ChaCha20Rng = &mut rng;
    let issued = issuer().issue(&request, rng).expect("issued");
    let tokens = batch
        .finish(&issued, &issuer().public().public_key)
        .expect("tokens");
    vec![
        ("token", "sound", tokens[0].as_bytes().to_vec()),
        ("token_request", "batch", request.encode_to_vec()),
        ("token_answer", "batch", issued.encode_to_vec()),
    ]
}

/// An entry's body of each kind.
fn entry_bodies() -> [Vec<u8>; 2] {
    let payloads = [
        Payload::Inline(b"sealed".to_vec()),
        Payload::Slot(vec![9; 32]),
    ];
    payloads.map(|payload| {
        let body = EntryBody {
            alias: vec![1; 32],
            payload: Some(payload),
            sequenced: true,
        };
        body.encode_to_vec()
    })
}

fn stored_seeds() -> Vec<Seed> {
    let [inline, slot] = entry_bodies();
    // Any point of the curve is an encapsulated key.
    let point = UnsealingKey::from_seed(&[2; 32]).expect("a key").public();
    let entry = |body: Vec<u8>| [point.as_bytes().as_slice(), &[3; 16], &body].concat();
    let key_file = |rest: &[u8]| [b"UTKEYFIL\x01".as_slice(), rest].concat();
    let passphrase = [
        [1].as_slice(),
        &65_536_u32.to_be_bytes(),
        &3_u32.to_be_bytes(),
        &1_u32.to_be_bytes(),
        &[5; 16 + 24 + 48],
    ];
    vec![
        ("entry", "inline", entry(inline)),
        ("entry", "slot", entry(slot)),
        (
            "sealed_row",
            "whole",
            [[0, 0].as_slice(), &part(b"secret"), b"value"].concat(),
        ),
        (
            "sealed_row",
            "damaged",
            [[9, 1].as_slice(), &part(b"secret"), b"value"].concat(),
        ),
        ("padding", "content", b"content".to_vec()),
        (
            "padding",
            "padded",
            pad(b"content".to_vec()).expect("padded"),
        ),
        (
            "profile_key",
            "plain",
            key_file(&[[0].as_slice(), &[7; 32]].concat()),
        ),
        ("profile_key", "passphrase", key_file(&passphrase.concat())),
    ]
}

fn text_seeds() -> Vec<Seed> {
    let link = |server: &str| {
        format!("{server}/#1.BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUJCQkJCQkJCQkJCQkJCQkJ")
    };
    let config = "data = \"/var/lib/undertone\"\nlisten = \"127.0.0.1:8787\"\nbehind_proxy = true\n\
                  metrics = \"[::1]:9100\"\nregistration = \"invite\"\ntokens_per_day = 7\n\
                  shutdown_seconds = 5\nlog_format = \"json\"\nlog_level = \"warn\"\n";
    let tls = "data = \"d\"\nlisten = \"0.0.0.0:443\"\ntls_certificate = \"c\"\ntls_key = \"k\"\n";
    let foreign = "\u{1b}[31mred\u{7}\r\n\u{202e}exe\u{2066}\t\u{5e9}\u{5dc}\u{5d5}\u{5dd}e\u{301}";
    let texts = [
        ("link", "tls", link("https://undertone.example")),
        ("link", "port", link("https://undertone.example:8443")),
        ("link", "v6", link("http://[::1]:8787")),
        ("link", "server", "http://localhost:8787/".to_owned()),
        ("forwarded_for", "list", "192.0.2.1, 9.9.9.9".to_owned()),
        ("forwarded_for", "v6", "[2001:db8::7]:4000".to_owned()),
        ("server_config", "all", config.to_owned()),
        ("server_config", "tls", tls.to_owned()),
        ("safe_text", "foreign", foreign.to_owned()),
    ];
    let bytes = texts.map(|(target, name, text)| (target, name, text.into_bytes()));
    bytes.into()
}

fn web_seeds() -> Vec<Seed> {
    let pack = |question: &web::ToWorker| web::encode(question).expect("packed");
    let ask = |ask| pack(&web::ToWorker::Question(web::Question { number: 7, ask }));
    let told = |told: &web::FromWorker| web::encode(told).expect("packed");
    let reply = |answer| told(&web::FromWorker::Reply(web::Reply { number: 7, answer }));
    let chat = web::ChatKey([1; 16]);
    vec![
        (
            "web_frame",
            "send",
            ask(web::Ask::Send {
                chat,
                id: web::MessageKey([2; 16]),
                text: "hello".into(),
            }),
        ),
        (
            "web_frame",
            "history",
            ask(web::Ask::History {
                chat,
                from: web::Stretch::Before(9),
                limit: 50,
            }),
        ),
        (
            "web_frame",
            "account",
            ask(web::Ask::CreateAccount {
                name: "Anna".into(),
                invite: Some("code".into()),
            }),
        ),
        (
            "web_frame",
            "refused",
            reply(web::Answer::Refused(web::Refusal::TooLong(9))),
        ),
        ("web_frame", "chat", reply(web::Answer::Chat(chat))),
        (
            "web_frame",
            "news",
            told(&web::FromWorker::News(web::News::Message {
                chat,
                seq: 3,
                received: true,
            })),
        ),
    ]
}
