//! Tokens: blind one-use proofs of quota, by the verifiable oblivious PRF of RFC 9497 (ristretto255-SHA512).
//!
//! The server that issues a token and the server that redeems it see values that nothing links.

use rand_core::{CryptoRng, RngCore};
use voprf_ng::{
    BlindedElement, EvaluationElement, Group as _, Proof, Ristretto255, VoprfClient, VoprfServer,
};
use zeroize::Zeroizing;

use crate::{limits::TOKEN_BATCH, proto, time::Day};

const INPUT: usize = 32;
const OUTPUT: usize = 64;
/// Bytes of a token: day (4, big-endian), random input (32), output of the PRF (64).
pub const TOKEN_BYTES: usize = 4 + INPUT + OUTPUT;

/// Why tokens are not issued or not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// A batch or a token is not of its form.
    #[error("the tokens cannot be read")]
    Malformed,
    /// The server did not use the key that it published.
    #[error("the server's proof does not hold: it used another key than it shows to everybody")]
    Proof,
    /// Not issued under this key.
    #[error("the token was not issued by this server for this day")]
    Forged,
}

/// A token ready to be spent.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; TOKEN_BYTES]);

impl Token {
    /// Reads a token; whether it is genuine shows only when it is redeemed.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] for another length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, TokenError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| TokenError::Malformed)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; TOKEN_BYTES] {
        &self.0
    }

    /// The day under whose key it was issued.
    pub fn day(&self) -> Day {
        let [a, b, c, d, ..] = self.0;
        Day(u32::from_be_bytes([a, b, c, d]))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The client's half: a batch that was blinded and waits for the server's evaluation.
pub struct TokenBatch {
    day: Day,
    waiting: Vec<(Zeroizing<[u8; INPUT]>, VoprfClient<Ristretto255>)>,
}

impl TokenBatch {
    /// Blinds a batch of random inputs; the second value goes to the server.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] never for a sound source of randomness.
    pub fn blind(
        day: Day,
        rng: &mut (impl RngCore + CryptoRng + ?Sized),
    ) -> Result<(Self, proto::IssueTokens), TokenError> {
        let mut waiting = Vec::with_capacity(TOKEN_BATCH);
        let mut blinded = Vec::with_capacity(TOKEN_BATCH);
        for _ in 0..TOKEN_BATCH {
            let mut input = Zeroizing::new([0; INPUT]);
            rng.fill_bytes(input.as_mut());
            let result = VoprfClient::<Ristretto255>::blind(input.as_ref(), &mut NewRng(&mut *rng))
                .map_err(|_| TokenError::Malformed)?;
            blinded.push(result.message.serialize().to_vec());
            waiting.push((input, result.state));
        }
        Ok((
            Self { day, waiting },
            proto::IssueTokens {
                day: day.0,
                blinded,
            },
        ))
    }

    /// Verifies the server's proof against its published key and unblinds.
    ///
    /// # Errors
    /// [`TokenError`] if the answer is not of its form or the proof does not hold.
    pub fn finish(
        self,
        issued: &proto::IssuedTokens,
        public_key: &[u8],
    ) -> Result<Vec<Token>, TokenError> {
        if issued.evaluated.len() != self.waiting.len() || issued.day != self.day.0 {
            return Err(TokenError::Malformed);
        }
        let key = <Ristretto255 as voprf_ng::CipherSuite>::Group::deserialize_elem(public_key)
            .map_err(|_| TokenError::Malformed)?;
        let elements = issued
            .evaluated
            .iter()
            .map(|element| EvaluationElement::<Ristretto255>::deserialize(element))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| TokenError::Malformed)?;
        let proof = Proof::deserialize(&issued.proof).map_err(|_| TokenError::Malformed)?;
        let inputs: Vec<&[u8]> = self
            .waiting
            .iter()
            .map(|(input, _)| input.as_slice())
            .collect();
        let clients: Vec<_> = self
            .waiting
            .iter()
            .map(|(_, client)| client.clone())
            .collect();
        let outputs = VoprfClient::batch_finalize(&inputs, &clients, &elements, &proof, key)
            .map_err(|_| TokenError::Proof)?;
        outputs
            .zip(&self.waiting)
            .map(|(output, (input, _))| {
                let output = output.map_err(|_| TokenError::Proof)?;
                let token = [
                    self.day.0.to_be_bytes().as_slice(),
                    input.as_slice(),
                    &output,
                ]
                .concat();
                Token::from_slice(&token)
            })
            .collect()
    }
}

/// The server's half: the key of one day.
pub struct TokenIssuer {
    day: Day,
    server: VoprfServer<Ristretto255>,
}

impl TokenIssuer {
    /// The key that a random 32-byte `seed` yields for `day`.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] for a seed of another length.
    pub fn from_seed(day: Day, seed: &[u8]) -> Result<Self, TokenError> {
        VoprfServer::new_from_seed(seed, b"undertone/1 tokens")
            .map(|server| Self { day, server })
            .map_err(|_| TokenError::Malformed)
    }

    /// The public key, as challenges publish it.
    pub fn public(&self) -> proto::TokenKey {
        let key = <Ristretto255 as voprf_ng::CipherSuite>::Group::serialize_elem(
            self.server.get_public_key(),
        );
        proto::TokenKey {
            day: self.day.0,
            public_key: key.to_vec(),
        }
    }

    /// Evaluates a batch, with a proof that the published key was used.
    ///
    /// # Errors
    /// [`TokenError::Malformed`] if the batch is not of its form.
    pub fn issue(
        &self,
        request: &proto::IssueTokens,
        rng: &mut (impl RngCore + CryptoRng + ?Sized),
    ) -> Result<proto::IssuedTokens, TokenError> {
        if request.day != self.day.0 || request.blinded.len() != TOKEN_BATCH {
            return Err(TokenError::Malformed);
        }
        let elements = request
            .blinded
            .iter()
            .map(|element| BlindedElement::<Ristretto255>::deserialize(element))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| TokenError::Malformed)?;
        let result = self
            .server
            .batch_blind_evaluate(&mut NewRng(rng), &elements)
            .map_err(|_| TokenError::Malformed)?;
        Ok(proto::IssuedTokens {
            day: self.day.0,
            evaluated: result
                .messages
                .iter()
                .map(|element| element.serialize().to_vec())
                .collect(),
            proof: result.proof.serialize().to_vec(),
        })
    }

    /// Whether the token was issued under this key. Whether it was spent is the caller's to know.
    ///
    /// # Errors
    /// [`TokenError::Forged`] if it was not.
    pub fn redeem(&self, token: &Token) -> Result<(), TokenError> {
        let (input, output) = token.0.split_at(4).1.split_at(INPUT);
        let expected = self
            .server
            .evaluate(input)
            .map_err(|_| TokenError::Forged)?;
        let genuine = subtle::ConstantTimeEq::ct_eq(expected.as_slice(), output);
        (token.day() == self.day && bool::from(genuine))
            .then_some(())
            .ok_or(TokenError::Forged)
    }
}

/// Lends a source of randomness of `rand_core` 0.6 to a library that wants 0.10.
struct NewRng<'a, R: ?Sized>(&'a mut R);

impl<R: RngCore + ?Sized> rand_core_010::TryRng for NewRng<'_, R> {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: RngCore + CryptoRng + ?Sized> rand_core_010::TryCryptoRng for NewRng<'_, R> {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_batch_is_issued_proved_and_redeemed() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let issuer = TokenIssuer::from_seed(Day(7), &[1; 32]).unwrap();
        let (batch, request) = TokenBatch::blind(Day(7), &mut rng).unwrap();
        let issued = issuer.issue(&request, &mut rng).unwrap();
        let tokens = batch.finish(&issued, &issuer.public().public_key).unwrap();
        assert_eq!(tokens.len(), TOKEN_BATCH);
        for token in &tokens {
            assert_eq!(
                issuer.redeem(&Token::from_slice(token.as_bytes()).unwrap()),
                Ok(())
            );
        }
        let mut forged = *tokens.first().unwrap().as_bytes();
        forged[40] ^= 1;
        assert_eq!(
            issuer.redeem(&Token::from_slice(&forged).unwrap()),
            Err(TokenError::Forged)
        );
        let other = TokenIssuer::from_seed(Day(8), &[1; 32]).unwrap();
        assert_eq!(
            other.redeem(tokens.first().unwrap()),
            Err(TokenError::Forged)
        );
    }

    #[test]
    fn a_server_that_uses_another_key_is_caught() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let honest = TokenIssuer::from_seed(Day(7), &[1; 32]).unwrap();
        let marking = TokenIssuer::from_seed(Day(7), &[2; 32]).unwrap();
        let (batch, request) = TokenBatch::blind(Day(7), &mut rng).unwrap();
        let issued = marking.issue(&request, &mut rng).unwrap();
        let result = batch.finish(&issued, &honest.public().public_key);
        assert_eq!(result.err(), Some(TokenError::Proof));
    }
}
