//! Deliberately empty: Undertone stores MLS state through its own provider (docs/decisions/0002).
