//! Requests of the connection on which two devices meet.

use undertone_wire::{limits, proto::link_request};

use super::{
    LinkOperation,
    field::{Checked, malformed, sized},
};

pub(super) fn check(body: link_request::Body) -> Checked<LinkOperation> {
    use link_request::Body;
    Ok(match body {
        Body::Open(open) => LinkOperation::Open(mailbox(&open.mailbox)?),
        Body::Join(join) => LinkOperation::Join(mailbox(&join.mailbox)?),
        Body::Pass(pass) => LinkOperation::Pass(sized(pass.payload, limits::LINK_PAYLOAD_BYTES)?),
    })
}

fn mailbox(bytes: &[u8]) -> Checked<[u8; limits::LINK_MAILBOX_BYTES]> {
    bytes
        .try_into()
        .map_err(|_| malformed("the name of a place to meet has four bytes"))
}
