//! Tokens for an account: as many a day as the operator allows.

use undertone_wire::{
    proto::{ErrorKind, IssueTokens, account_answer},
    time::Day,
};

use super::{
    Core,
    batch::Batch,
    connections::Device,
    failure::{Outcome, refuse},
};

impl Batch<'_> {
    /// What an account was issued is counted in memory only: on the disk it would tell on which days somebody was
    /// there. A restart forgives.
    pub fn issue_tokens(
        &mut self,
        device: &Device,
        request: &IssueTokens,
    ) -> Outcome<account_answer::Body> {
        let Core {
            issuers,
            rates,
            rng,
            settings,
            counters,
            ..
        } = &mut *self.core;
        let today = self.now.day();
        let issuer = issuers
            .of(Day(request.day))
            .filter(|_| request.day == today.0);
        let Some(issuer) = issuer else {
            return refuse(ErrorKind::TokenInvalid, "tokens are issued for today only");
        };
        let number = u32::try_from(request.blinded.len()).unwrap_or(u32::MAX);
        let limit = settings.tokens_per_day;
        rates.tokens(device.account, number, limit, self.now)?;
        let Ok(issued) = issuer.issue(request, &mut **rng) else {
            return refuse(
                ErrorKind::Malformed,
                "a blinded element is none of the group",
            );
        };
        counters.tokens_issued += u64::from(number);
        Ok(account_answer::Body::Tokens(issued))
    }
}
