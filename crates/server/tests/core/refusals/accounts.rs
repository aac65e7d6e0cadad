//! Requests of accounts: registration, device lists, tokens and vaults.

use super::fixture::*;
use prost::Message as _;
use undertone_server::core::Service;
use undertone_wire::{
    identity::{Capability, DeviceList},
    limits,
    proto::{self, ErrorKind, account_request},
    signing::{Purpose, SecretKey},
};

use crate::harness::*;

use account_request::Body as A;

pub const ACCOUNTS: &[Case] = &[
    ("register: no devices", M, |f| {
        f.register(|r, _| r.devices = None)
    }),
    ("register: an empty list", M, |f| {
        f.register(|r, _| r.devices = Some(proto::DeviceList::default()))
    }),
    ("register: two certificates", M, |f| {
        f.register(|r, _| {
            let account = SecretKey::from_seed(&[1; 32]);
            let mut list = DeviceList::new(certificate(&account, 1, Capability::Full));
            list.merge(&DeviceList::new(certificate(&account, 2, Capability::Full)))
                .unwrap();
            r.devices = Some(list.to_proto());
        })
    }),
    ("register: a revoked device", M, |f| {
        f.register(|r, _| {
            let root = SecretKey::from_seed(&[1; 32]);
            let list = DeviceList::new(certificate(&root, 1, Capability::Full));
            r.devices = Some(revoked(&list, &root, [1; 16]));
        })
    }),
    ("register: a damaged certificate", U, |f| {
        f.register(|r, _| {
            r.devices.as_mut().unwrap().certificates[0].signature[0] ^= 1;
        })
    }),
    ("register: a certificate without a signature", U, |f| {
        f.register(|r, _| {
            r.devices.as_mut().unwrap().certificates[0]
                .signature
                .clear();
        })
    }),
    ("register: a certificate that cannot be read", M, |f| {
        f.register(|r, _| {
            r.devices.as_mut().unwrap().certificates[0].body = vec![0xff; 20];
        })
    }),
    ("register: a certificate that is too long", M, |f| {
        f.register(|r, _| {
            r.devices.as_mut().unwrap().certificates[0].body =
                vec![0; limits::DEVICE_RECORD_BYTES + 1];
        })
    }),
    (
        "register: a certificate of a later version",
        ErrorKind::Version,
        |f| {
            let root = SecretKey::from_seed(&[1; 32]);
            let body = proto::DeviceCertificate {
                version: 2,
                root_key: root.public().to_vec(),
                device_key: vec![1; 32],
                serial: vec![1; 16],
                capability: proto::Capability::Full as i32,
            }
            .encode_to_vec();
            let signature = root.sign(Purpose::DeviceCertificate, &[&body]).to_vec();
            f.register(|r, _| {
                r.devices.as_mut().unwrap().certificates[0] = proto::Signed { body, signature };
            })
        },
    ),
    ("register: a short signature", M, |f| {
        f.register(|r, _| {
            r.signature.pop();
        })
    }),
    ("register: another device's signature", U, |f| {
        f.register(|r, _| r.signature = vec![1; 64])
    }),
    ("register: an answer to another challenge", U, |f| {
        let (_, challenge) = f.world.connect(Service::Account);
        let account = f.world.new_account();
        let register = account.register(&challenge, "");
        let (c, _) = f.world.connect(Service::Account);
        Bad::Account(c, register)
    }),
    ("register: an answer for another host", U, |f| {
        let (c, challenge) = f.world.connect(Service::Account);
        let account = f.world.new_account();
        let A::Register(mut register) = account.register(&challenge, "") else {
            unreachable!()
        };
        let id = account.list.account();
        let parts: [&[u8]; 4] = [
            &challenge.nonce,
            b"evil.example",
            id.as_bytes(),
            &account.device.public(),
        ];
        register.signature = account
            .device
            .sign(Purpose::AccountConnection, &parts)
            .to_vec();
        Bad::Account(c, A::Register(register))
    }),
    ("register: an invite code that is too long", L, |f| {
        f.register(|r, _| {
            r.invite_code = "x".repeat(limits::INVITE_CODE_BYTES + 1);
        })
    }),
    (
        "register: an account that is there with another device",
        C,
        |f| {
            let (c, challenge) = f.world.connect(Service::Account);
            let device = SecretKey::from_seed(&[3; 32]);
            let other = Account {
                root: f.account.root.clone(),
                list: DeviceList::new(certificate(&f.account.root, 3, Capability::Full)),
                device,
            };
            Bad::Account(c, other.register(&challenge, ""))
        },
    ),
    ("register: on a connection that is authenticated", O, |f| {
        let Bad::Account(_, body) = f.register(|_, _| {}) else {
            unreachable!()
        };
        f.account(body)
    }),
    ("authenticate: twice", O, |f| {
        let Bad::Account(_, body) = f.authenticate(|_| {}) else {
            unreachable!()
        };
        f.account(body)
    }),
    ("authenticate: an account id of another length", M, |f| {
        f.authenticate(|a| {
            a.account.pop();
        })
    }),
    ("authenticate: a device key of another length", M, |f| {
        f.authenticate(|a| a.device_key.push(0))
    }),
    ("authenticate: no signature", M, |f| {
        f.authenticate(|a| a.signature.clear())
    }),
    ("authenticate: a damaged signature", U, |f| {
        f.authenticate(|a| a.signature[3] ^= 1)
    }),
    ("authenticate: the answer to another challenge", U, |f| {
        let Bad::Account(_, body) = f.authenticate(|_| {}) else {
            unreachable!()
        };
        let (c, _) = f.world.connect(Service::Account);
        Bad::Account(c, body)
    }),
    ("authenticate: an account that is not there", U, |f| {
        let (c, challenge) = f.world.connect(Service::Account);
        Bad::Account(c, f.world.new_account().authenticate(&challenge))
    }),
    ("authenticate: a device of another account", U, |f| {
        let (c, challenge) = f.world.connect(Service::Account);
        let stranger = f.world.new_account();
        let mixed = Account {
            list: f.account.list.clone(),
            ..stranger
        };
        Bad::Account(c, mixed.authenticate(&challenge))
    }),
    ("devices before authentication", O, |f| {
        f.too_early_account(A::GetDevices(proto::GetDevices {}))
    }),
    ("tokens before authentication", O, |f| {
        let Bad::Account(_, body) = f.issue(|_| {}) else {
            unreachable!()
        };
        f.too_early_account(body)
    }),
    ("an update before authentication", O, |f| {
        let list = f.account.list.to_proto();
        let Bad::Account(_, body) = f.update(list) else {
            unreachable!()
        };
        f.too_early_account(body)
    }),
    ("a vault put before authentication", O, |f| {
        let Bad::Account(_, body) = f.put_vault(|_| {}) else {
            unreachable!()
        };
        f.too_early_account(body)
    }),
    ("a vault read before authentication", O, |f| {
        f.too_early_account(A::GetVault(proto::GetVault {
            kind: 1,
            version: 0,
        }))
    }),
    ("update: no list", M, |f| {
        f.account(A::UpdateDevices(proto::UpdateDevices { devices: None }))
    }),
    ("update: another account's list", U, |f| {
        let list = f.world.new_account().list.to_proto();
        f.update(list)
    }),
    ("update: two accounts in one list", U, |f| {
        let mut list = f.account.list.to_proto();
        list.certificates
            .extend(f.world.new_account().list.to_proto().certificates);
        f.update(list)
    }),
    ("update: a revocation by a stranger", U, |f| {
        let stranger = SecretKey::from_seed(&[8; 32]);
        let list = revoked(&f.account.list, &stranger, [1; 16]);
        f.update(list)
    }),
    ("update: a revocation by a shared computer", U, |f| {
        let mut list = f.account.list.clone();
        list.merge(&DeviceList::new(certificate(
            &f.account.root,
            4,
            Capability::Shared,
        )))
        .unwrap();
        let shared = SecretKey::from_seed(&[4; 32]);
        let list = revoked(&list, &shared, [1; 16]);
        f.update(list)
    }),
    ("update: a damaged certificate", U, |f| {
        let list = signed(&f.account.list, |signed| signed.body[10] ^= 1);
        f.update(list)
    }),
    (
        "update: more certificates than an account may have",
        L,
        |f| {
            let list = grown(&f.account, limits::DEVICE_CERTIFICATES as u8);
            f.update(list)
        },
    ),
    ("tokens: a batch of 31", M, |f| {
        f.issue(|i| {
            i.blinded.pop();
        })
    }),
    ("tokens: a batch of 33", M, |f| {
        f.issue(|i| i.blinded.push(vec![0; 32]))
    }),
    ("tokens: an element of 31 bytes", M, |f| {
        f.issue(|i| {
            i.blinded[0].pop();
        })
    }),
    ("tokens: no element of the group", M, |f| {
        f.issue(|i| i.blinded[5] = vec![0xff; 32])
    }),
    ("tokens: of yesterday", T, |f| f.issue(|i| i.day -= 1)),
    ("tokens: of tomorrow", T, |f| f.issue(|i| i.day += 1)),
    ("vault: no kind", M, |f| f.put_vault(|v| v.kind = 0)),
    ("vault: an unknown kind", M, |f| f.put_vault(|v| v.kind = 9)),
    ("vault: an eighth version", L, |f| {
        f.put_vault(|v| v.version = limits::VAULT_VERSIONS)
    }),
    ("vault: a second root vault", L, |f| {
        f.put_vault(|v| {
            v.kind = proto::VaultKind::Root as i32;
            v.version = 1;
        })
    }),
    ("vault: empty", M, |f| f.put_vault(|v| v.sealed.clear())),
    ("vault: too large", L, |f| {
        f.put_vault(|v| v.sealed = vec![1; limits::VAULT_BYTES + 1])
    }),
    ("vault: not there", N, |f| {
        f.account(A::GetVault(proto::GetVault {
            kind: 2,
            version: 0,
        }))
    }),
    ("vault: an unknown kind is asked for", M, |f| {
        f.account(A::GetVault(proto::GetVault {
            kind: 0,
            version: 0,
        }))
    }),
];
