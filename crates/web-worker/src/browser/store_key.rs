//! The key of the store: random, and kept encrypted by a key that the browser gives to nobody. Whoever copies the
//! browser's files while it runs not has both; that is what the settings say.

use js_sys::{Array, Object, Reflect, Uint8Array};
use rand_core::{OsRng, RngCore as _};
use undertone_engine::StoreKey;
use undertone_wire::time::Timestamp;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};
use zeroize::Zeroizing;

use super::{
    database::{read_record, write_record},
    scope::scope,
};

const ALGORITHM: &str = "AES-GCM";
const PURPOSE: &str = "undertone/1 store key";
const NONCE: usize = 12;
/// In the record: when this device was signed out.
const SIGNED_OUT: &str = "signedOut";

/// Why there is no key.
pub enum NoKey {
    /// It is gone, or the browser does not open it: what is stored cannot be read.
    Lost,
    /// The browser keeps no keys for this page.
    Refused,
}

impl From<JsValue> for NoKey {
    fn from(_: JsValue) -> Self {
        Self::Refused
    }
}

/// What is kept.
pub enum Kept {
    /// Nothing.
    Nothing,
    /// The key.
    Key {
        /// The key.
        key: StoreKey,
        /// When the store before it was given up, because this device was signed out.
        signed_out_at: Option<Timestamp>,
    },
    /// No key any more: this device was signed out then.
    SignedOut(Timestamp),
}

/// The key, or why there is none.
///
/// # Errors
/// [`NoKey`].
pub async fn kept_key() -> Result<Kept, NoKey> {
    let record = read_record().await?;
    if record.is_undefined() {
        return Ok(Kept::Nothing);
    }
    let signed_out_at = Reflect::get(&record, &SIGNED_OUT.into())?.as_f64();
    // Whole, and never negative.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let signed_out_at = signed_out_at.map(|at| Timestamp(at as u64));
    match signed_out_at {
        Some(at) if !Reflect::has(&record, &"wrapped".into())? => Ok(Kept::SignedOut(at)),
        signed_out_at => {
            let key = unwrap(&record).await.map_err(|_| NoKey::Lost)?;
            Ok(Kept::Key { key, signed_out_at })
        }
    }
}

/// Makes a key for a new store. It is durable when this returns.
///
/// # Errors
/// [`NoKey`].
pub async fn new_key(signed_out_at: Option<Timestamp>) -> Result<StoreKey, NoKey> {
    let key = StoreKey::generate(&mut OsRng);
    let record = wrap(&key).await?;
    if let Some(at) = signed_out_at {
        note_signed_out(&record, at)?;
    }
    write_record(&record).await?;
    Ok(key)
}

/// Keeps no key any more, but when it went: nobody opens the store again.
///
/// # Errors
/// Those of a browser that cannot write now.
pub async fn forget_key(signed_out_at: Timestamp) -> Result<(), JsValue> {
    let record = Object::new().into();
    note_signed_out(&record, signed_out_at)?;
    write_record(&record).await
}

fn note_signed_out(record: &JsValue, at: Timestamp) -> Result<(), JsValue> {
    #[allow(clippy::cast_precision_loss)]
    Reflect::set(record, &SIGNED_OUT.into(), &JsValue::from_f64(at.0 as f64))?;
    Ok(())
}

async fn wrap(key: &StoreKey) -> Result<JsValue, JsValue> {
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &ALGORITHM.into())?;
    Reflect::set(&algorithm, &"length".into(), &256.into())?;
    let made = subtle()?.generate_key_with_object(&algorithm, false, &usages)?;
    let wrapping: CryptoKey = JsFuture::from(made).await?.dyn_into()?;
    let mut nonce = [0; NONCE];
    OsRng.fill_bytes(&mut nonce);
    let nonce = Uint8Array::from(nonce.as_slice());
    let plain = Uint8Array::from(key.expose().as_slice());
    let wrapped =
        subtle()?.encrypt_with_object_and_js_u8_array(&parameters(&nonce)?, &wrapping, &plain)?;
    let wrapped = JsFuture::from(wrapped).await;
    plain.fill(0, 0, plain.length());
    let record = Object::new();
    Reflect::set(&record, &"key".into(), &wrapping)?;
    Reflect::set(&record, &"nonce".into(), &nonce)?;
    Reflect::set(&record, &"wrapped".into(), &Uint8Array::new(&wrapped?))?;
    Ok(record.into())
}

async fn unwrap(record: &JsValue) -> Result<StoreKey, JsValue> {
    let wrapping: CryptoKey = Reflect::get(record, &"key".into())?.dyn_into()?;
    let nonce: Uint8Array = Reflect::get(record, &"nonce".into())?.dyn_into()?;
    let wrapped: Uint8Array = Reflect::get(record, &"wrapped".into())?.dyn_into()?;
    let opened =
        subtle()?.decrypt_with_object_and_js_u8_array(&parameters(&nonce)?, &wrapping, &wrapped)?;
    let plain = Uint8Array::new(&JsFuture::from(opened).await?);
    if plain.length() as usize != StoreKey::LEN {
        return Err(JsValue::from("not a key of a store"));
    }
    let mut bytes = Zeroizing::new([0; StoreKey::LEN]);
    plain.copy_to(bytes.as_mut_slice());
    plain.fill(0, 0, plain.length());
    Ok(StoreKey::from_bytes(&bytes))
}

fn parameters(nonce: &Uint8Array) -> Result<Object, JsValue> {
    let parameters = Object::new();
    Reflect::set(&parameters, &"name".into(), &ALGORITHM.into())?;
    Reflect::set(&parameters, &"iv".into(), nonce)?;
    let purpose = Uint8Array::from(PURPOSE.as_bytes());
    Reflect::set(&parameters, &"additionalData".into(), &purpose)?;
    Ok(parameters)
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    Ok(scope().crypto()?.subtle())
}
