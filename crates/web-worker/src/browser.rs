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
use wasm_bindgen_futures::spawn_local;

use self::{
    frames::post_to_page,
    open_store::open_store,
    scope::{now, origin, scope},
    tab::{Shared, Tab},
};

/// Follows whoever leads, and waits to lead.
pub fn start() {
    // What a panic says may hold what somebody wrote. The page sees that the Worker has crashed, and starts another.
    std::panic::set_hook(Box::new(|_| ()));
    let started = Tab::start(tab_id()).and_then(|tab| {
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
        Ok(mut store) => raise_epoch(&mut store)
            .map_err(|_| Unusable::Broken)
            .and_then(|epoch| {
                Desk::open(store, Box::new(OsRng), origin(), now())
                    .map(|desk| (desk, epoch))
                    .map_err(|_| Unusable::Broken)
            }),
        Err(unusable) => Err(unusable),
    };
    match opened {
        Ok((desk, epoch)) => Tab::lead(&tab, desk, epoch),
        Err(unusable) => Tab::give_up(&tab, unusable),
    }
}
