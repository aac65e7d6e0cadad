//! One record in IndexedDB: the only place where a browser keeps a key that even the page cannot read.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbRequest, IdbTransaction};

use super::scope::scope;

const DATABASE: &str = "undertone";
const VERSION: u32 = 1;
const STORE: &str = "keys";
const RECORD: &str = "store";

/// Reads the record; undefined if there is none.
///
/// # Errors
/// Those of a browser that keeps no databases for this page.
pub async fn read_record() -> Result<JsValue, JsValue> {
    let database = open().await?;
    let transaction = begin(&database, "readonly")?;
    let request = transaction.object_store(STORE)?.get(&RECORD.into())?;
    let record = finish(&request).await;
    database.close();
    record
}

/// Writes the record; it is on the disk when this returns.
///
/// # Errors
/// Those of a browser that keeps no databases for this page, or cannot now.
pub async fn write_record(record: &JsValue) -> Result<(), JsValue> {
    let database = open().await?;
    let transaction = begin(&database, "readwrite")?;
    let completed = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
        transaction.set_onerror(Some(&reject));
    });
    transaction
        .object_store(STORE)?
        .put_with_key(record, &RECORD.into())?;
    let written = JsFuture::from(completed).await;
    database.close();
    written.map(|_| ())
}

async fn open() -> Result<IdbDatabase, JsValue> {
    let factory = scope()
        .indexed_db()?
        .ok_or_else(|| JsValue::from("no databases"))?;
    let request = factory.open_with_u32(DATABASE, VERSION)?;
    let upgraded = request.clone();
    let upgrade = Closure::once(move || {
        let database = upgraded.result().and_then(JsCast::dyn_into::<IdbDatabase>);
        // If it fails, so does what is asked of the store next.
        let _ = database.and_then(|database| database.create_object_store(STORE));
    });
    request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    finish(&request).await?.dyn_into()
}

/// A transaction that is durable when it is complete: what it keeps opens everything else, and a key that is lost with
/// the power takes the messages with it.
fn begin(database: &IdbDatabase, mode: &str) -> Result<IdbTransaction, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"durability".into(), &"strict".into())?;
    let transaction: Function = Reflect::get(database, &"transaction".into())?.dyn_into()?;
    transaction
        .call3(database, &STORE.into(), &mode.into(), &options)?
        .dyn_into()
}

async fn finish(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let finished = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(finished).await?;
    request.result()
}
