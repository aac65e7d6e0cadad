//! Spending tokens, in the same transaction as what they pay for.

use undertone_wire::{
    proto::ErrorKind,
    sealed_row::{RowKey, Table, row_key},
    signing::hash_parts,
    token::Token,
};

use super::{
    batch::Batch,
    failure::{Outcome, refuse},
    statements::{SPENT_GET, SPENT_PUT},
};

/// How a request is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paid {
    /// With these tokens, now.
    Now,
    /// With these tokens, before, by the very same request: its effect is stored already.
    Before,
}

/// Where a spent token stands.
pub(super) fn spent_row(token: &Token) -> RowKey {
    row_key(Table::Token, &[token.as_bytes()])
}

impl Batch<'_> {
    /// Spends the tokens on the request of which `digest` is the hash. To be called when nothing else can refuse the
    /// request any more, for a refused request costs nothing.
    pub fn spend(&mut self, tokens: &[Token], digest: &[u8; 32]) -> Outcome<Paid> {
        let store = &self.core.store;
        let mut rows = Vec::with_capacity(tokens.len());
        let mut repeated = 0;
        for token in tokens {
            let issuer = self.core.issuers.of(token.day());
            let Some(issuer) = issuer else {
                return refuse(ErrorKind::TokenInvalid, "a token is not of a valid day");
            };
            if issuer.redeem(token).is_err() {
                return refuse(ErrorKind::TokenInvalid, "a token was not issued here");
            }
            let row = spent_row(token);
            // The token is part of it, so that who knows the request alone does not find it on the disk.
            let request = hash_parts("undertone/1 spent request", &[token.as_bytes(), digest]);
            let spent = store.first(SPENT_GET, (row,), |found| {
                Ok(found.get_ref(0)?.as_blob()? == request)
            })?;
            match spent {
                None => rows.push((row, token.day().0, request)),
                Some(true) => repeated += 1,
                Some(false) => {
                    return refuse(
                        ErrorKind::TokenSpent,
                        "a token was spent for another request",
                    );
                }
            }
        }
        if repeated > 0 && repeated == tokens.len() {
            return Ok(Paid::Before);
        }
        if repeated > 0 {
            return refuse(
                ErrorKind::TokenSpent,
                "a token was spent for another request",
            );
        }
        for row in rows {
            store.execute(SPENT_PUT, row)?;
        }
        self.core.counters.tokens_spent += tokens.len() as u64;
        Ok(Paid::Now)
    }
}
