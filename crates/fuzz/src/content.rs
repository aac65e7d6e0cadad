//! What is inside messages: signed content, and signals.

use undertone_content::{
    ContentError,
    content::{Body, SignedContent},
    signal::Signal,
};
use undertone_wire::{ids::DeviceKey, signing::SecretKey};

const CONVERSATION: &[u8] = b"conversation";

/// Content: the bytes as they are, and as a body that its sender signed.
pub fn content(bytes: &[u8]) -> bool {
    let key = SecretKey::from_seed(&[1; 32]);
    let device = DeviceKey::new(key.public());
    let as_it_is = SignedContent::verify(bytes, CONVERSATION, &device);
    let Ok(signed) = SignedContent::sign(bytes.to_vec(), CONVERSATION, &key) else {
        return as_it_is.is_ok();
    };
    match SignedContent::verify(&signed.encode(), CONVERSATION, &device) {
        Ok(verified) => assert_eq!(verified, signed),
        Err(error) => {
            assert_ne!(error, ContentError::Signature);
            return false;
        }
    }
    assert_eq!(
        SignedContent::verify(&signed.encode(), b"another", &device),
        Err(ContentError::Signature)
    );
    if signed.content().body != Body::Newer {
        let again = signed.content().encode().expect("what was taken is sound");
        let again = SignedContent::sign(again, CONVERSATION, &key).expect("content");
        assert_eq!(again.content(), signed.content());
    }
    true
}

/// A signal.
pub fn signal(bytes: &[u8]) -> bool {
    Signal::decode(bytes).is_ok_and(|signal| {
        assert_eq!(Signal::decode(&signal.encode()).as_ref(), Ok(&signal));
        true
    })
}
