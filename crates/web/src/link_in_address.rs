//! Somebody's contact link, opened in the browser: what the address then says.

/// The whole link, if the address is one. What stands after `#` never went to the server.
pub fn link_in(origin: &str, path: &str, fragment: &str) -> Option<String> {
    let secret = fragment.strip_prefix('#').unwrap_or(fragment);
    let version = secret.split('.').next()?;
    let is_link = path == "/"
        && secret.contains('.')
        && !version.is_empty()
        && version.bytes().all(|byte| byte.is_ascii_digit());
    is_link.then(|| format!("{origin}/#{secret}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_link_is_recognised() {
        let link = link_in("https://example.org", "/", "#1.abc.def");
        assert_eq!(link.as_deref(), Some("https://example.org/#1.abc.def"));
        for (path, fragment) in [
            ("/", ""),
            ("/", "#top"),
            ("/", "#.x"),
            ("/chat/1", "#1.abc"),
        ] {
            assert_eq!(link_in("https://example.org", path, fragment), None);
        }
    }
}
