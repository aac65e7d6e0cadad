//! Frames: between client and server, with the server's check of requests, and between page and Worker.

use std::fmt::Debug;

use bytes::Bytes;
use prost::Message;
use serde::{Serialize, de::DeserializeOwned};
use undertone_content::content::PlaceRequest;
use undertone_server::{core::Service, session::Session};
use undertone_web_messages::{FromWorker, ToWorker};
use undertone_wire::{
    digest::card_put_digest,
    frame,
    proto::{
        AccountAnswer, AccountRequest, DeviceList, ErrorKind, LinkAnswer, LinkRequest, QueueAnswer,
        QueueRequest, SendAnswer, SendRequest, ServiceError, account_answer, account_request,
        link_answer, queue_answer, send_answer, send_request,
    },
    signing::{Purpose, SecretKey},
};

use crate::identity::signed_anew;

/// `/v1/account`
pub fn account_frame(bytes: &[u8]) -> bool {
    let answer = comes_back::<AccountAnswer>(bytes).is_some();
    let request = comes_back::<AccountRequest>(bytes);
    received(Service::Account, bytes, request.as_ref().map(|r| r.request));
    request.is_some_and(|mut request| {
        use account_request::Body;
        let list: Option<&mut DeviceList> = match &mut request.body {
            Some(Body::Register(register)) => register.devices.as_mut(),
            Some(Body::UpdateDevices(update)) => update.devices.as_mut(),
            _ => None,
        };
        if let Some(list) = list {
            *list = signed_anew(list);
        }
        let bytes = request.encode_to_vec();
        received(Service::Account, &bytes, Some(request.request))
    }) || answer
}

/// `/v1/queue`
pub fn queue_frame(bytes: &[u8]) -> bool {
    let answer = comes_back::<QueueAnswer>(bytes).is_some();
    let request = comes_back::<QueueRequest>(bytes);
    received(Service::Queue, bytes, request.map(|r| r.request)) || answer
}

/// `/v1/send`
pub fn send_frame(bytes: &[u8]) -> bool {
    let answer = comes_back::<SendAnswer>(bytes).is_some();
    let request = comes_back::<SendRequest>(bytes);
    received(Service::Send, bytes, request.as_ref().map(|r| r.request));
    request.is_some_and(|mut request| {
        if let Some(send_request::Body::CardPut(put)) = &mut request.body {
            let owner = SecretKey::from_seed(&[3; 32]);
            put.owner_key = owner.public().to_vec();
            let digest = card_put_digest(put);
            put.signature = owner.sign(Purpose::CardChange, &[&digest]).to_vec();
        }
        let bytes = request.encode_to_vec();
        received(Service::Send, &bytes, Some(request.request))
    }) || answer
}

/// `/v1/link`, and what a new device says at the address that it was given.
pub fn link_frame(bytes: &[u8]) -> bool {
    let asked = PlaceRequest::decode(bytes).is_ok_and(|request| {
        assert_eq!(
            PlaceRequest::decode(&request.encode()).as_ref(),
            Ok(&request)
        );
        true
    });
    let answer = comes_back::<LinkAnswer>(bytes).is_some();
    let request = comes_back::<LinkRequest>(bytes);
    received(Service::Link, bytes, request.map(|r| r.request)) || answer || asked
}

/// Between page and Worker.
pub fn web_frame(bytes: &[u8]) -> bool {
    let to_worker = packed::<ToWorker>(bytes);
    packed::<FromWorker>(bytes) || to_worker
}

/// What can be read can be written, and reads the same again.
pub fn comes_back<T: Message + Default + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let frame: T = frame::decode(Bytes::copy_from_slice(bytes)).ok()?;
    assert_eq!(T::decode(frame::encode(&frame)).as_ref(), Ok(&frame));
    Some(frame)
}

fn packed<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> bool {
    let Ok(value) = undertone_web_messages::decode::<T>(bytes) else {
        return false;
    };
    let again = undertone_web_messages::encode(&value).expect("what was read can be written");
    assert_eq!(
        undertone_web_messages::decode::<T>(&again).expect("what was written can be read"),
        value
    );
    true
}

/// The server's check of a request: it is taken under its number, or refused under its number with a reason. Only
/// what cannot be read at all ends the connection.
fn received(service: Service, bytes: &[u8], number: Option<u64>) -> bool {
    match Session::new(service).receive(Bytes::copy_from_slice(bytes)) {
        Ok(operation) => {
            assert_eq!(Some(operation.request()), number);
            assert_ne!(operation.request(), 0);
            assert_eq!(operation.service(), service);
            true
        }
        Err(refusal) => {
            assert_eq!(refusal.close, number.is_none());
            let (request, error) = error_of(service, refusal.frame);
            assert_eq!(request, number.unwrap_or(0));
            assert_ne!(error.kind(), ErrorKind::Unspecified);
            assert!(!error.reason.is_empty());
            false
        }
    }
}

fn error_of(service: Service, frame: Bytes) -> (u64, ServiceError) {
    match service {
        Service::Account => {
            let answer = AccountAnswer::decode(frame).expect("an answer");
            match answer.body {
                Some(account_answer::Body::Error(error)) => (answer.request, error),
                other => panic!("no error: {other:?}"),
            }
        }
        Service::Queue => {
            let answer = QueueAnswer::decode(frame).expect("an answer");
            match answer.body {
                Some(queue_answer::Body::Error(error)) => (answer.request, error),
                other => panic!("no error: {other:?}"),
            }
        }
        Service::Send => {
            let answer = SendAnswer::decode(frame).expect("an answer");
            match answer.body {
                Some(send_answer::Body::Error(error)) => (answer.request, error),
                other => panic!("no error: {other:?}"),
            }
        }
        Service::Link => {
            let answer = LinkAnswer::decode(frame).expect("an answer");
            match answer.body {
                Some(link_answer::Body::Error(error)) => (answer.request, error),
                other => panic!("no error: {other:?}"),
            }
        }
    }
}
