//! The keys under which tokens are issued and redeemed: one a day, from a random seed that is deleted afterwards.

use std::collections::BTreeMap;

use rand_core::CryptoRngCore;
use undertone_wire::{proto::TokenKey, signing::hash_parts, time::Day, token::TokenIssuer};
use zeroize::Zeroizing;

use super::{
    StoreError,
    statements::{SEED_GET, SEED_PUT},
    store::Store,
};

/// The keys that are valid now: of today, and of yesterday if the server ran then.
#[derive(Default)]
pub(super) struct Issuers {
    today: Option<Day>,
    keys: BTreeMap<Day, TokenIssuer>,
}

impl Issuers {
    /// Loads the keys for `today`, and draws today's if it has none yet.
    pub fn renew(
        &mut self,
        store: &Store,
        today: Day,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), StoreError> {
        if self.today == Some(today) {
            return Ok(());
        }
        self.keys.clear();
        let yesterday = Day(today.0.saturating_sub(1));
        for day in [yesterday, today] {
            let key = hash_parts("undertone/1 row seed", &[&day.0.to_be_bytes()]);
            let stored = store.first(SEED_GET, (key,), |row| row.get::<_, Vec<u8>>(0))?;
            let seed = match stored.map(Zeroizing::new) {
                Some(seed) => seed,
                None if day == today => {
                    let mut seed = Zeroizing::new(vec![0; 32]);
                    rng.fill_bytes(&mut seed);
                    store.execute(SEED_PUT, (key, day.0, seed.as_slice()))?;
                    seed
                }
                None => continue,
            };
            let issuer = TokenIssuer::from_seed(day, &seed).map_err(|_| StoreError::Damaged)?;
            self.keys.insert(day, issuer);
        }
        self.today = Some(today);
        Ok(())
    }

    /// The key of a day, if tokens of that day are valid.
    pub fn of(&self, day: Day) -> Option<&TokenIssuer> {
        self.keys.get(&day)
    }

    /// What challenges publish.
    pub fn public_keys(&self) -> Vec<TokenKey> {
        self.keys.values().map(TokenIssuer::public).collect()
    }

    /// Forgets what may not be stored.
    pub fn forget(&mut self) {
        self.today = None;
        self.keys.clear();
    }
}
