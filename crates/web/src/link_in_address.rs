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

/// The code of a device that wants to be linked, if the address holds one: it was scanned from that device.
pub fn device_code_in(fragment: &str) -> Option<String> {
    let code = fragment.strip_prefix("#device.")?;
    let known = code.len() <= 20
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    known.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_device_is_recognised() {
        let code = device_code_in("#device.ABCD-EFGH-JKMN");
        assert_eq!(code.as_deref(), Some("ABCD-EFGH-JKMN"));
        for fragment in [
            "",
            "#1.abc",
            "#device.<b>",
            "#device.AAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(device_code_in(fragment), None);
        }
    }

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
