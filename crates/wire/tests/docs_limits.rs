//! The table in `docs/protocol/limits.md` says what the code says: the same limits, in the same order.

use undertone_wire::limits::TABLE;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const PAGE: &str = include_str!("../../../docs/protocol/limits.md");

#[test]
fn the_page_has_the_limits_of_the_code() {
    let documented: Vec<&str> = PAGE
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let expected: Vec<String> = TABLE
        .iter()
        .map(|(name, value, meaning)| format!("| `{name}` | {value} | {} |", meaning.trim()))
        .collect();
    assert_eq!(
        documented,
        expected,
        "the table in docs/protocol/limits.md should be:\n{}",
        expected.join("\n")
    );
}
