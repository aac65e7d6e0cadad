//! Requests of the account connection.

use undertone_wire::{
    identity::{DeviceList, IdentityError},
    limits,
    proto::{self, ErrorKind, VaultKind, account_request},
};

use super::{
    AccountOperation, VaultName,
    field::{Checked, id, malformed, signature, sized, too_large},
};
use crate::answer::Reason;

pub(super) fn check(body: account_request::Body) -> Checked<AccountOperation> {
    use account_request::Body;
    Ok(match body {
        Body::Register(register) => check_register(register)?,
        Body::Authenticate(authenticate) => AccountOperation::Authenticate {
            account: id(&authenticate.account)?,
            device: id(&authenticate.device_key)?,
            signature: signature(&authenticate.signature)?,
        },
        Body::UpdateDevices(update) => {
            AccountOperation::UpdateDevices(Box::new(device_list(update.devices)?))
        }
        Body::GetDevices(proto::GetDevices {}) => AccountOperation::GetDevices,
        Body::IssueTokens(issue) => {
            if issue.blinded.len() != limits::TOKEN_BATCH {
                return Err(malformed("a batch has a fixed number of elements"));
            }
            if issue.blinded.iter().any(|element| element.len() != 32) {
                return Err(malformed("a blinded element is 32 bytes"));
            }
            AccountOperation::IssueTokens(issue)
        }
        Body::PutVault(vault) => AccountOperation::PutVault {
            vault: vault_name(vault.kind, vault.version)?,
            sealed: sized(vault.sealed, limits::VAULT_BYTES)?,
        },
        Body::GetVault(vault) => AccountOperation::GetVault(vault_name(vault.kind, vault.version)?),
    })
}

fn check_register(register: proto::Register) -> Checked<AccountOperation> {
    if register.invite_code.len() > limits::INVITE_CODE_BYTES {
        return Err(too_large("an invite code is shorter"));
    }
    let devices = device_list(register.devices)?;
    let list = devices.to_proto();
    if list.certificates.len() != 1 || !list.revocations.is_empty() {
        return Err(malformed("a new account has one device"));
    }
    let device = devices
        .devices()
        .next()
        .map(|certificate| certificate.device_key)
        .ok_or(malformed("a new account has one device"))?;
    Ok(AccountOperation::Register {
        devices: Box::new(devices),
        device,
        invite_code: register.invite_code,
        signature: signature(&register.signature)?,
    })
}

fn device_list(list: Option<proto::DeviceList>) -> Checked<DeviceList> {
    let list = list.ok_or(malformed("the device list is missing"))?;
    DeviceList::verify(list).map_err(|error| match error {
        IdentityError::Malformed => malformed("a device record cannot be read"),
        IdentityError::TooMany => too_large("an account has fewer device records"),
        IdentityError::Version => Reason::new(
            ErrorKind::Version,
            "a device record is of a version that this server does not know",
        ),
        IdentityError::Signature | IdentityError::OtherAccount => Reason::new(
            ErrorKind::Unauthorised,
            "a device record is not signed by the account",
        ),
    })
}

fn vault_name(kind: i32, version: u32) -> Checked<VaultName> {
    let kind = VaultKind::try_from(kind).map_err(|_| malformed("a vault's kind is not known"))?;
    let versions = match kind {
        VaultKind::State => limits::VAULT_VERSIONS,
        VaultKind::Root => 1,
        VaultKind::Unspecified => return Err(malformed("a vault's kind is missing")),
    };
    if version >= versions {
        return Err(too_large("a vault has fewer versions"));
    }
    Ok(VaultName { kind, version })
}
