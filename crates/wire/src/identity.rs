//! Device certificates, revocations and the list of both: who an account is.
//!
//! `Signed` bytes from outside become a [`Certificate`] or [`Revocation`] only by verification, and a
//! [`DeviceList`] holds nothing else. The list only grows, and whether a device counts is a pure function of
//! it: order, clocks and who came first play no part.

use std::collections::BTreeMap;

use prost::Message as _;

use crate::{
    PROTOCOL_VERSION,
    ids::{AccountId, DeviceKey, LengthError, RootKey, Serial},
    limits,
    proto::{self, Signed},
    signing::{Purpose, SecretKey, hash_parts, verify},
};

/// Why certificates or revocations are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Bytes that are no such record.
    #[error("a device record cannot be read")]
    Malformed,
    /// A version that this program does not know.
    #[error("a device record was made with a newer version")]
    Version,
    /// The signature does not verify, or the signer may not sign this.
    #[error("a device record is not signed by the account")]
    Signature,
    /// Of another account than it is filed under.
    #[error("a device record belongs to another account")]
    OtherAccount,
    /// More records than an account may have.
    #[error("the account has too many device records")]
    TooMany,
}

impl From<LengthError> for IdentityError {
    fn from(_: LengthError) -> Self {
        Self::Malformed
    }
}

/// What a device may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// Everything, revoking other devices included.
    Full,
    /// A shared computer: keeps nothing, may not revoke.
    Shared,
    /// Operated by software.
    Bot,
}

/// The account of a root key.
pub fn account_id(root: &RootKey) -> AccountId {
    AccountId::new(hash_parts("undertone/1 account id", &[root.as_bytes()]))
}

/// A verified device certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// Of the account.
    pub root_key: RootKey,
    /// Of the device.
    pub device_key: DeviceKey,
    /// Names the certificate in a revocation.
    pub serial: Serial,
    /// What the device may do.
    pub capability: Capability,
    signed: Signed,
}

impl Certificate {
    /// Certifies `device_key` by the root key.
    pub fn issue(
        root: &SecretKey,
        device_key: DeviceKey,
        serial: Serial,
        capability: Capability,
    ) -> Self {
        let root_key = RootKey::new(root.public());
        let body = proto::DeviceCertificate {
            version: PROTOCOL_VERSION,
            root_key: root_key.to_vec(),
            device_key: device_key.to_vec(),
            serial: serial.to_vec(),
            capability: match capability {
                Capability::Full => proto::Capability::Full,
                Capability::Shared => proto::Capability::Shared,
                Capability::Bot => proto::Capability::Bot,
            } as i32,
        }
        .encode_to_vec();
        let signature = root.sign(Purpose::DeviceCertificate, &[&body]).to_vec();
        Self {
            root_key,
            device_key,
            serial,
            capability,
            signed: Signed { body, signature },
        }
    }

    /// Verifies what came from outside.
    ///
    /// # Errors
    /// [`IdentityError`] says what is wrong.
    pub fn verify(signed: Signed) -> Result<Self, IdentityError> {
        let certificate = Self::read(signed)?;
        verify(
            certificate.root_key.as_bytes(),
            Purpose::DeviceCertificate,
            &[&certificate.signed.body],
            &certificate.signed.signature,
        )
        .map_err(|_| IdentityError::Signature)?;
        Ok(certificate)
    }

    /// Everything but the signature.
    fn read(signed: Signed) -> Result<Self, IdentityError> {
        let body = decode_body::<proto::DeviceCertificate>(&signed)?;
        if body.version != PROTOCOL_VERSION {
            return Err(IdentityError::Version);
        }
        let capability = match proto::Capability::try_from(body.capability) {
            Ok(proto::Capability::Full) => Capability::Full,
            Ok(proto::Capability::Shared) => Capability::Shared,
            Ok(proto::Capability::Bot) => Capability::Bot,
            Ok(proto::Capability::Unspecified) | Err(_) => return Err(IdentityError::Malformed),
        };
        Ok(Self {
            root_key: RootKey::try_from(body.root_key.as_slice())?,
            device_key: DeviceKey::try_from(body.device_key.as_slice())?,
            serial: Serial::try_from(body.serial.as_slice())?,
            capability,
            signed,
        })
    }

    /// Verifies the encoding of a [`Signed`], as an MLS credential holds it.
    ///
    /// # Errors
    /// As [`Certificate::verify`].
    pub fn decode(bytes: &[u8]) -> Result<Self, IdentityError> {
        if bytes.len() > limits::DEVICE_RECORD_BYTES {
            return Err(IdentityError::Malformed);
        }
        Self::verify(Signed::decode(bytes).map_err(|_| IdentityError::Malformed)?)
    }

    /// The encoding that [`Certificate::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        self.signed.encode_to_vec()
    }

    /// The account that the device belongs to.
    pub fn account(&self) -> AccountId {
        account_id(&self.root_key)
    }
}

/// A revocation whose signature is verified. Whether its signer may revoke is decided by the list it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct Revocation {
    /// Of the account.
    pub root_key: RootKey,
    /// Of the certificate that ends.
    pub serial: Serial,
    signer_key: [u8; 32],
    signed: Signed,
}

impl Revocation {
    /// Ends the certificate `serial`, signed by a full device or the root key.
    pub fn issue(signer: &SecretKey, root_key: RootKey, serial: Serial) -> Self {
        let signer_key = signer.public();
        let body = proto::DeviceRevocation {
            version: PROTOCOL_VERSION,
            root_key: root_key.to_vec(),
            serial: serial.to_vec(),
            signer_key: signer_key.to_vec(),
        }
        .encode_to_vec();
        let signature = signer.sign(Purpose::DeviceRevocation, &[&body]).to_vec();
        Self {
            root_key,
            serial,
            signer_key,
            signed: Signed { body, signature },
        }
    }

    /// The wire format.
    pub fn to_proto(&self) -> Signed {
        self.signed.clone()
    }

    /// Verifies what came from outside.
    ///
    /// # Errors
    /// [`IdentityError`] says what is wrong.
    pub fn verify(signed: Signed) -> Result<Self, IdentityError> {
        let revocation = Self::read(signed)?;
        verify(
            &revocation.signer_key,
            Purpose::DeviceRevocation,
            &[&revocation.signed.body],
            &revocation.signed.signature,
        )
        .map_err(|_| IdentityError::Signature)?;
        Ok(revocation)
    }

    /// Everything but the signature.
    fn read(signed: Signed) -> Result<Self, IdentityError> {
        let body = decode_body::<proto::DeviceRevocation>(&signed)?;
        if body.version != PROTOCOL_VERSION {
            return Err(IdentityError::Version);
        }
        Ok(Self {
            root_key: RootKey::try_from(body.root_key.as_slice())?,
            serial: Serial::try_from(body.serial.as_slice())?,
            signer_key: body
                .signer_key
                .as_slice()
                .try_into()
                .map_err(|_| IdentityError::Malformed)?,
            signed,
        })
    }
}

/// All certificates and revocations of one account, verified. Only ever grows.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceList {
    root_key: RootKey,
    certificates: BTreeMap<Vec<u8>, Certificate>,
    revocations: BTreeMap<Vec<u8>, Revocation>,
}

impl DeviceList {
    /// The list of an account with its first device.
    pub fn new(first: Certificate) -> Self {
        let mut list = Self {
            root_key: first.root_key,
            certificates: BTreeMap::new(),
            revocations: BTreeMap::new(),
        };
        list.certificates.insert(first.signed.body.clone(), first);
        list
    }

    /// Verifies what came from outside: each record, that all belong to one account, and that each revocation
    /// is signed by the root key or by a full device of the list (revoked or not: two devices may revoke
    /// each other, in whatever order it is heard).
    ///
    /// # Errors
    /// [`IdentityError`] says what is wrong; an empty list is malformed.
    pub fn verify(list: proto::DeviceList) -> Result<Self, IdentityError> {
        if list.certificates.len() > limits::DEVICE_CERTIFICATES
            || list.revocations.len() > limits::DEVICE_CERTIFICATES
        {
            return Err(IdentityError::TooMany);
        }
        let mut certificates = list.certificates.into_iter().map(Certificate::verify);
        let mut out = Self::new(certificates.next().ok_or(IdentityError::Malformed)??);
        for certificate in certificates {
            let certificate = certificate?;
            out.same_account(&certificate.root_key)?;
            out.certificates
                .insert(certificate.signed.body.clone(), certificate);
        }
        for revocation in list.revocations {
            let revocation = Revocation::verify(revocation)?;
            out.same_account(&revocation.root_key)?;
            if !out.may_revoke(&revocation.signer_key) {
                return Err(IdentityError::Signature);
            }
            out.revocations
                .insert(revocation.signed.body.clone(), revocation);
        }
        Ok(out)
    }

    /// Takes back what [`DeviceList::to_proto`] made of a verified list and a trusted store kept. No signature is
    /// verified, so that a long list costs a server nothing at each connection.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`] if it cannot be read.
    pub fn restore(list: proto::DeviceList) -> Result<Self, IdentityError> {
        let mut certificates = list.certificates.into_iter().map(Certificate::read);
        let mut out = Self::new(certificates.next().ok_or(IdentityError::Malformed)??);
        for certificate in certificates {
            let certificate = certificate?;
            out.certificates
                .insert(certificate.signed.body.clone(), certificate);
        }
        for revocation in list.revocations {
            let revocation = Revocation::read(revocation)?;
            out.revocations
                .insert(revocation.signed.body.clone(), revocation);
        }
        Ok(out)
    }

    /// Adds all that `other` holds; tells whether that changed anything.
    ///
    /// # Errors
    /// [`IdentityError::OtherAccount`] or [`IdentityError::TooMany`]; then nothing changes.
    pub fn merge(&mut self, other: &Self) -> Result<bool, IdentityError> {
        self.same_account(&other.root_key)?;
        let mut merged = self.clone();
        merged.certificates.extend(other.certificates.clone());
        merged.revocations.extend(other.revocations.clone());
        if merged.certificates.len() > limits::DEVICE_CERTIFICATES
            || merged.revocations.len() > limits::DEVICE_CERTIFICATES
        {
            return Err(IdentityError::TooMany);
        }
        let changed = merged != *self;
        *self = merged;
        Ok(changed)
    }

    /// The root key that all of it is signed under.
    pub fn root_key(&self) -> RootKey {
        self.root_key
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        account_id(&self.root_key)
    }

    /// All certificates, those that are revoked included.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.values()
    }

    /// The certificates that no revocation ends.
    pub fn devices(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.values().filter(|device| {
            self.revocations
                .values()
                .all(|revocation| revocation.serial != device.serial)
        })
    }

    /// The certificate of a device, unless it is revoked.
    pub fn device(&self, key: &DeviceKey) -> Option<&Certificate> {
        self.devices().find(|device| device.device_key == *key)
    }

    /// The wire format, in canonical order.
    pub fn to_proto(&self) -> proto::DeviceList {
        proto::DeviceList {
            certificates: self
                .certificates
                .values()
                .map(|record| record.signed.clone())
                .collect(),
            revocations: self
                .revocations
                .values()
                .map(|record| record.signed.clone())
                .collect(),
        }
    }

    /// The hash of the list, which becomes the account's value in key transparency.
    pub fn hash(&self) -> [u8; 32] {
        hash_parts(
            "undertone/1 device list",
            &[&self.to_proto().encode_to_vec()],
        )
    }

    fn same_account(&self, root_key: &RootKey) -> Result<(), IdentityError> {
        (self.root_key == *root_key)
            .then_some(())
            .ok_or(IdentityError::OtherAccount)
    }

    fn may_revoke(&self, key: &[u8; 32]) -> bool {
        self.root_key.as_bytes() == key
            || self.certificates.values().any(|device| {
                device.capability == Capability::Full && device.device_key.as_bytes() == key
            })
    }
}

fn decode_body<T: prost::Message + Default>(signed: &Signed) -> Result<T, IdentityError> {
    if signed.body.len() > limits::DEVICE_RECORD_BYTES {
        return Err(IdentityError::Malformed);
    }
    T::decode(signed.body.as_slice()).map_err(|_| IdentityError::Malformed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    fn certificate(root: u8, device: u8, capability: Capability) -> Certificate {
        Certificate::issue(
            &key(root),
            DeviceKey::new(key(device).public()),
            Serial::new([device; 16]),
            capability,
        )
    }

    #[test]
    fn a_certificate_comes_back_verified_and_damage_is_refused() {
        let made = certificate(1, 2, Capability::Full);
        assert_eq!(Certificate::decode(&made.encode()).unwrap(), made);
        let bytes = made.encode();
        for index in 0..bytes.len() {
            let mut damaged = bytes.clone();
            if let Some(byte) = damaged.get_mut(index) {
                *byte ^= 1;
            }
            assert!(Certificate::decode(&damaged).is_err(), "byte {index}");
        }
    }

    #[test]
    fn any_full_device_revokes_any_and_nobody_else_does() {
        let mut list = DeviceList::new(certificate(1, 2, Capability::Full));
        list.merge(&DeviceList::new(certificate(1, 3, Capability::Shared)))
            .unwrap();
        assert_eq!(list.devices().count(), 2);
        let root = list.root_key();

        let with = |revocation: Revocation| {
            let mut list = list.to_proto();
            list.revocations.push(revocation.signed);
            DeviceList::verify(list)
        };
        let revoked = with(Revocation::issue(&key(2), root, Serial::new([3; 16]))).unwrap();
        assert_eq!(revoked.devices().count(), 1);
        assert_eq!(
            with(Revocation::issue(&key(1), root, Serial::new([2; 16])))
                .unwrap()
                .devices()
                .count(),
            1
        );
        assert_eq!(
            with(Revocation::issue(&key(3), root, Serial::new([2; 16]))),
            Err(IdentityError::Signature)
        );
        assert_eq!(
            with(Revocation::issue(&key(9), root, Serial::new([2; 16]))),
            Err(IdentityError::Signature)
        );
    }

    #[test]
    fn lists_merge_the_same_in_any_order_and_never_across_accounts() {
        let a = DeviceList::new(certificate(1, 2, Capability::Full));
        let b = DeviceList::new(certificate(1, 3, Capability::Full));
        let (mut ab, mut ba) = (a.clone(), b.clone());
        assert!(ab.merge(&b).unwrap());
        assert!(ba.merge(&a).unwrap());
        assert!(!ba.merge(&a).unwrap());
        assert_eq!(ab, ba);
        assert_eq!(ab.hash(), ba.hash());
        assert_eq!(DeviceList::restore(ab.to_proto()).unwrap(), ab);
        let other = DeviceList::new(certificate(4, 5, Capability::Full));
        assert_eq!(ab.merge(&other), Err(IdentityError::OtherAccount));
    }
}
