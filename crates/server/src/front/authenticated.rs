//! Tells from an answer whether the connection is authenticated from then on.

use bytes::Bytes;
use undertone_server::core::Service;
use undertone_wire::{
    frame,
    proto::{
        AccountAnswer, LinkAnswer, QueueAnswer, SendAnswer, account_answer, link_answer,
        queue_answer, send_answer,
    },
};

/// Whether `frame`, sent to a connection of `service` that was not authenticated, grants something: an answer that is
/// neither the challenge nor a refusal. Only the core decides; this reads what it decided.
pub fn grants(service: Service, frame: &Bytes) -> bool {
    let frame = frame.clone();
    match service {
        Service::Account => {
            frame::decode::<AccountAnswer>(frame).is_ok_and(|answer| match answer.body {
                Some(account_answer::Body::Challenge(_) | account_answer::Body::Error(_)) => false,
                body => body.is_some(),
            })
        }
        Service::Queue => {
            frame::decode::<QueueAnswer>(frame).is_ok_and(|answer| match answer.body {
                Some(queue_answer::Body::Challenge(_) | queue_answer::Body::Error(_)) => false,
                body => body.is_some(),
            })
        }
        Service::Send => frame::decode::<SendAnswer>(frame).is_ok_and(|answer| match answer.body {
            Some(send_answer::Body::Challenge(_) | send_answer::Body::Error(_)) => false,
            body => body.is_some(),
        }),
        Service::Link => frame::decode::<LinkAnswer>(frame).is_ok_and(|answer| match answer.body {
            Some(link_answer::Body::Challenge(_) | link_answer::Body::Error(_)) => false,
            body => body.is_some(),
        }),
    }
}
