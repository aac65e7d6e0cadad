//! What `cargo xtask run` prints once the server answers.

/// What to open in a browser, and the next steps for two people in terminals, each a line that can be pasted. After the demonstration both have accounts already.
pub fn text(server: &str, client: &str, home: &str, after_demo: bool) -> String {
    let alias = |name: &str| format!("alias {name}='{client} --profile {home}/{name}'");
    let (anna, ben) = (alias("anna"), alias("ben"));
    let browser = format!(
        "\
Open {server}/ in a browser and give a name. For a second person, open it in a private window or another browser.

"
    );
    if after_demo {
        return format!(
            "\
{browser}To talk as the two of the demonstration, open two more terminals in this folder:

  {anna}
  anna chat

  {ben}
  ben chat

"
        );
    }
    format!(
        "\
{browser}Or in terminals, of which it takes two more in this folder. (Who has an account from an earlier run goes on with
`chat`.)

Anna's terminal:
  {anna}
  anna account create --server {server} --name Anna
  anna link show

Ben's terminal, with Anna's link in the place of LINK:
  {ben}
  ben account create --server {server} --name Ben
  ben contact add 'LINK'

Anna gets a request, with an id, and accepts it:
  anna receive --wait 5
  anna requests
  anna request accept ID

Ben hears of it and writes; Anna reads it:
  ben receive --wait 5
  ben send Anna 'Hello Anna'
  anna receive --wait 5

Or both open a conversation on the whole terminal:
  anna chat
  ben chat

`cargo xtask run --demo` does it all by itself. Everything is kept in {home}; removing that folder, and the data that the
browser has of this address, starts afresh.

"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_can_be_pasted() {
        let text = text(
            "http://127.0.0.1:9000",
            "target/release/undertone",
            ".undertone",
            false,
        );
        assert!(text.starts_with("Open http://127.0.0.1:9000/ in a browser"));
        for line in [
            "  alias anna='target/release/undertone --profile .undertone/anna'\n",
            "  anna account create --server http://127.0.0.1:9000 --name Anna\n",
            "  ben contact add 'LINK'\n",
            "  anna request accept ID\n",
            "  ben chat\n",
        ] {
            assert!(text.contains(line), "{line}");
        }
    }

    #[test]
    fn after_the_demonstration_only_the_chat_is_left_to_try() {
        let text = text("http://127.0.0.1:8443", "undertone", ".undertone", true);
        assert!(text.starts_with("Open http://127.0.0.1:8443/ in a browser"));
        assert!(text.contains("  anna chat\n"));
        assert!(!text.contains("account create"));
    }
}
