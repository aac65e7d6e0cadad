//! Joins the Worker to the browser. It may end at any instant; what it has not written to the store never was.

mod alarm;
mod channels;
mod database;
mod frames;
mod leader;
mod lock;
mod open_store;
mod scope;
mod sockets;
mod store_key;
mod tab;

use std::rc::Rc;

use rand_core::{OsRng, RngCore as _};
use undertone_web_messages::{FromWorker, Unusable};
use undertone_web_worker::{Desk, TabId, raise_epoch};
use undertone_wire::time::Timestamp;
use wasm_bindgen_futures::spawn_local;

use self::{
    frames::post_to_page,
    open_store::open_store,
    scope::{now, origin, scope},
    store_key::forget_key,
    tab::{Shared, Tab},
};

/// Follows whoever leads, and waits to lead.
pub fn start() {
    // What a panic says may hold what somebody wrote. The page sees that the Worker has crashed, and starts another.
    std::panic::set_hook(Box::new(|_| ()));
    let started = Tab::start(tab_id(), renew).and_then(|tab| {
        let leading = Rc::clone(&tab);
        lock::when_granted(move || spawn_local(lead(leading)))
    });
    // Browsers without locks or channels have no private files either.
    if started.is_err() {
        post_to_page(&FromWorker::Unusable(Unusable::NoFiles));
    }
}

/// The page names the tab by naming its Worker, so that it keeps its name when the Worker has to be started anew.
fn tab_id() -> TabId {
    TabId::from_hex(&scope().name()).unwrap_or_else(|| {
        let mut bytes = [0; TabId::LEN];
        OsRng.fill_bytes(&mut bytes);
        TabId::new(bytes)
    })
}

/// The lock is this Worker's: opens the store and the engine.
async fn lead(tab: Shared) {
    let opened = match open_store().await {
        Ok(mut opened) => raise_epoch(&mut opened.store, Tab::epoch(&tab))
            .map_err(|_| Unusable::Broken)
            .and_then(|epoch| {
                Desk::open(opened.store, Box::new(OsRng), origin(), now())
                    .map(|desk| (desk.signed_out(opened.signed_out_at), epoch))
                    .map_err(|_| Unusable::Broken)
            }),
        Err(unusable) => Err(unusable),
    };
    match opened {
        Ok((desk, epoch)) => Tab::lead(&tab, desk, epoch),
        Err(unusable) => Tab::give_up(&tab, unusable),
    }
}

/// This device was signed out from another: the key of its store goes, so that nobody opens what may be left of its
/// files, and a new store takes its place.
fn renew(tab: Shared, at: Timestamp) {
    spawn_local(async move {
        if forget_key(at).await.is_ok() {
            lead(tab).await;
        } else {
            // The next Worker finds the store as it is, and tries again.
            Tab::give_up(&tab, Unusable::Broken);
        }
    });
}
