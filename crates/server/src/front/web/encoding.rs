//! Which form of a file a client takes.

use axum::http::{HeaderMap, header};

/// Whether `Accept-Encoding` names brotli, or everything, and does not refuse it.
pub fn takes_brotli(asked: &HeaderMap) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter();
    let items: Vec<&str> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let says = |name: &str| {
        items.iter().find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case(name);
            named.then(|| !parts.any(is_refusal))
        })
    };
    says("br").or_else(|| says("*")).unwrap_or(false)
}

/// Whether the weight of an item is nothing: `q=0` or `q=0.000`.
fn is_refusal(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else {
        return false;
    };
    name.trim().eq_ignore_ascii_case("q")
        && !weight.bytes().any(|digit| (b'1'..=b'9').contains(&digit))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn brotli_is_taken_where_it_is_named_and_not_refused() {
        for (value, expected) in [
            ("br", true),
            ("gzip, deflate, br, zstd", true),
            ("gzip;q=1.0, BR;q=0.1", true),
            ("*", true),
            ("*;q=0.5, gzip", true),
            ("", false),
            ("gzip, deflate", false),
            ("br;q=0", false),
            ("br; q=0.000, *", false),
            ("*;q=0", false),
            ("identity", false),
            ("brotli", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            assert_eq!(takes_brotli(&headers), expected, "{value}");
        }
        assert!(!takes_brotli(&HeaderMap::new()));
        let mut two = HeaderMap::new();
        two.append(header::ACCEPT_ENCODING, "gzip".parse().unwrap());
        two.append(header::ACCEPT_ENCODING, "br".parse().unwrap());
        assert!(takes_brotli(&two));
    }
}
