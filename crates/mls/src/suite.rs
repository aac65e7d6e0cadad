//! The one cipher suite and the one configuration of all groups.

use openmls::prelude::{
    Capabilities, Ciphersuite, CredentialType, Extension, ExtensionType, Extensions, GroupContext,
    InvalidExtensionError, LeafNode, Lifetime, MlsGroupCreateConfig, MlsGroupJoinConfig,
    PURE_CIPHERTEXT_WIRE_FORMAT_POLICY, ProtocolVersion, RequiredCapabilitiesExtension,
    SenderRatchetConfiguration, UnknownExtension,
};

use crate::{leaf_info::LeafInfo, rules::Rules};

/// X-Wing (ML-KEM-768 and X25519), ChaCha20-Poly1305, SHA-256, Ed25519.
pub const SUITE: Ciphersuite = Ciphersuite::MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519;
/// The GroupContext extension that holds [`Rules`].
pub const RULES_EXTENSION: u16 = 0xF100;
/// The leaf node extension that holds [`LeafInfo`].
pub const LEAF_EXTENSION: u16 = 0xF101;

/// Messages of one sender that may come late, in order of sending.
const OUT_OF_ORDER_TOLERANCE: u32 = 32;
/// Messages of one sender that may be missing before one that comes.
const FORWARD_DISTANCE: u32 = 4_096;

/// KeyPackages never end by the clock: whether an Add is valid must not depend on when it is looked at.
pub(crate) fn lifetime() -> Lifetime {
    Lifetime::init(0, u64::MAX)
}

pub(crate) fn is_unlimited(lifetime: &Lifetime) -> bool {
    lifetime.not_before() == 0 && lifetime.not_after() == u64::MAX
}

pub(crate) fn capabilities() -> Capabilities {
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&[SUITE]),
        Some(&[
            ExtensionType::Unknown(RULES_EXTENSION),
            ExtensionType::Unknown(LEAF_EXTENSION),
            ExtensionType::LastResort,
        ]),
        Some(&[]),
        Some(&[CredentialType::Basic]),
    )
}

pub(crate) fn required_capabilities() -> RequiredCapabilitiesExtension {
    RequiredCapabilitiesExtension::new(
        &[
            ExtensionType::Unknown(RULES_EXTENSION),
            ExtensionType::Unknown(LEAF_EXTENSION),
        ],
        &[],
        &[CredentialType::Basic],
    )
}

/// The extensions of the GroupContext: these two and no other.
pub(crate) fn context_extensions(
    rules: &Rules,
) -> Result<Extensions<GroupContext>, InvalidExtensionError> {
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(required_capabilities()),
        Extension::Unknown(RULES_EXTENSION, UnknownExtension(rules.encode())),
    ])
}

/// The extensions of a leaf: this one and no other.
pub(crate) fn leaf_extensions(
    leaf: &LeafInfo,
) -> Result<Extensions<LeafNode>, InvalidExtensionError> {
    Extensions::single(Extension::Unknown(
        LEAF_EXTENSION,
        UnknownExtension(leaf.encode()),
    ))
}

pub(crate) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .use_ratchet_tree_extension(true)
        .max_past_epochs(0)
        .number_of_resumption_psks(0)
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .sender_ratchet_configuration(ratchet())
        .build()
}

pub(crate) fn create_config(rules: &Rules, leaf: &LeafInfo) -> Option<MlsGroupCreateConfig> {
    Some(
        MlsGroupCreateConfig::builder()
            .ciphersuite(SUITE)
            .capabilities(capabilities())
            .lifetime(lifetime())
            .use_ratchet_tree_extension(true)
            .max_past_epochs(0)
            .number_of_resumption_psks(0)
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .sender_ratchet_configuration(ratchet())
            .with_group_context_extensions(context_extensions(rules).ok()?)
            .with_leaf_node_extensions(leaf_extensions(leaf).ok()?)
            .ok()?
            .build(),
    )
}

fn ratchet() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(OUT_OF_ORDER_TOLERANCE, FORWARD_DISTANCE)
}
