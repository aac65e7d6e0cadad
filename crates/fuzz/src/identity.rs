//! Who somebody is: certificates, revocations, device lists and the head of a card.

use prost::Message as _;
use undertone_wire::{
    identity::{Certificate, DeviceList, Revocation},
    proto::{self, Signed},
    signing::{Purpose, SecretKey},
};

use crate::frames::comes_back;

/// The root key of the account that the bytes are signed for.
pub fn root() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

/// The key of the account's first device.
pub fn device() -> SecretKey {
    SecretKey::from_seed(&[2; 32])
}

/// A device certificate, as an MLS credential holds it.
pub fn certificate(bytes: &[u8]) -> bool {
    let signed = Signed {
        body: bytes.to_vec(),
        signature: root().sign(Purpose::DeviceCertificate, &[bytes]).to_vec(),
    };
    let taken = Certificate::decode(&signed.encode_to_vec());
    for certificate in [Certificate::decode(bytes), taken.clone()]
        .into_iter()
        .flatten()
    {
        assert_eq!(
            Certificate::decode(&certificate.encode()),
            Ok(certificate.clone())
        );
        let list = DeviceList::new(certificate.clone());
        assert_eq!(list.account(), certificate.account());
        assert_eq!(DeviceList::verify(list.to_proto()), Ok(list));
    }
    let _ = Revocation::verify(signed_by_who_revokes(bytes));
    taken.is_ok()
}

/// A device list.
pub fn device_list(bytes: &[u8]) -> bool {
    let Some(list) = comes_back::<proto::DeviceList>(bytes) else {
        return false;
    };
    let as_it_is = verified(list.clone());
    verified(signed_anew(&list)) || as_it_is
}

/// The head of a card, as it is after unsealing.
pub fn card_head(bytes: &[u8]) -> bool {
    let Some(head) = comes_back::<proto::CardHead>(bytes) else {
        return false;
    };
    head.devices
        .is_some_and(|list| verified(signed_anew(&list)))
}

/// The same records under true signatures.
pub fn signed_anew(list: &proto::DeviceList) -> proto::DeviceList {
    let certificates = list.certificates.iter().map(|record| Signed {
        body: record.body.clone(),
        signature: root()
            .sign(Purpose::DeviceCertificate, &[&record.body])
            .to_vec(),
    });
    let revocations = list.revocations.iter();
    proto::DeviceList {
        certificates: certificates.collect(),
        revocations: revocations
            .map(|record| signed_by_who_revokes(&record.body))
            .collect(),
    }
}

fn signed_by_who_revokes(body: &[u8]) -> Signed {
    let named = proto::DeviceRevocation::decode(body).map(|read| read.signer_key);
    let signer = if named.is_ok_and(|key| key == device().public()) {
        device()
    } else {
        root()
    };
    Signed {
        body: body.to_vec(),
        signature: signer.sign(Purpose::DeviceRevocation, &[body]).to_vec(),
    }
}

/// A verified list is the same in whatever order its records came, and after a rest on the disk.
fn verified(list: proto::DeviceList) -> bool {
    let mut reversed = list.clone();
    reversed.certificates.reverse();
    reversed.revocations.reverse();
    let verified = DeviceList::verify(list);
    assert_eq!(
        verified.is_ok(),
        DeviceList::verify(reversed.clone()).is_ok()
    );
    let Ok(mut verified) = verified else {
        return false;
    };
    let same = DeviceList::verify(reversed);
    assert_eq!(same, Ok(verified.clone()));
    assert_eq!(
        DeviceList::verify(verified.to_proto()),
        Ok(verified.clone())
    );
    assert_eq!(
        DeviceList::restore(verified.to_proto()),
        Ok(verified.clone())
    );
    let hash = verified.hash();
    assert_eq!(verified.merge(&verified.clone()), Ok(false));
    assert_eq!(verified.hash(), hash);
    assert!(verified.devices().count() <= verified.to_proto().certificates.len());
    true
}
