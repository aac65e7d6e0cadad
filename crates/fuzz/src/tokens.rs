//! Tokens, and how they are issued.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_wire::{
    limits::TOKEN_BATCH,
    proto::{IssueTokens, IssuedTokens},
    time::Day,
    token::{Token, TokenBatch, TokenIssuer},
};

use crate::frames::comes_back;

/// The day of all tokens here.
pub const DAY: Day = Day(20_000);

/// The issuer of that day.
pub fn issuer() -> TokenIssuer {
    TokenIssuer::from_seed(DAY, &[1; 32]).expect("a seed of 32 bytes")
}

/// A batch that waits for its answer, always the same.
pub fn batch() -> (TokenBatch, IssueTokens) {
    TokenBatch::blind(DAY, &mut ChaCha20Rng::from_seed([2; 32])).expect("randomness")
}

/// A token that is to be spent.
pub fn token(bytes: &[u8]) -> bool {
    Token::from_slice(bytes).is_ok_and(|token| {
        assert_eq!(token.as_bytes().as_slice(), bytes);
        issuer().redeem(&token).is_ok()
    })
}

/// A client's request for tokens, as the issuer sees it.
pub fn token_request(bytes: &[u8]) -> bool {
    let Some(request) = comes_back::<IssueTokens>(bytes) else {
        return false;
    };
    let issued = issuer().issue(&request, &mut ChaCha20Rng::from_seed([3; 32]));
    issued.is_ok_and(|issued| {
        assert_eq!(issued.day, DAY.0);
        assert_eq!(issued.evaluated.len(), TOKEN_BATCH);
        true
    })
}

/// A server's answer, as the client sees it: what it takes for tokens can be spent.
pub fn token_answer(bytes: &[u8]) -> bool {
    let Some(answer) = comes_back::<IssuedTokens>(bytes) else {
        return false;
    };
    let Ok(tokens) = batch().0.finish(&answer, &issuer().public().public_key) else {
        return false;
    };
    assert_eq!(tokens.len(), TOKEN_BATCH);
    assert!(tokens.iter().all(|token| issuer().redeem(token).is_ok()));
    true
}
