//! How many tests ran, read from the result lines that the test runners print.

use std::iter::Sum;
use std::ops::AddAssign;

/// Tests that passed and tests that failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl Counts {
    /// The counts in a runner's line of results; nothing in any other line.
    pub fn in_line(line: &str) -> Option<Self> {
        let line = line.trim();
        Self::of_rust(line).or_else(|| Self::of_node(line))
    }

    /// `test result: ok. 3 passed; 0 failed; 0 ignored`, which libtest, the runner for wasm32 and the simulator print.
    fn of_rust(line: &str) -> Option<Self> {
        let (_verdict, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut parts = counts.split("; ");
        let mut next = |what: &str| parts.next()?.strip_suffix(what)?.trim_end().parse().ok();
        Some(Self {
            passed: next("passed")?,
            failed: next("failed")?,
        })
    }

    /// `# pass 3` of node's own runner, `3 passed (1.2m)` of Playwright; the failed ones have a line of their own.
    fn of_node(line: &str) -> Option<Self> {
        let passed = |passed| Self { passed, failed: 0 };
        let failed = |failed| Self { passed: 0, failed };
        let words: Vec<&str> = line.split(' ').collect();
        match *words.as_slice() {
            ["#", "pass", number] | [number, "passed", _] => number.parse().ok().map(passed),
            ["#", "fail", number] | [number, "failed"] => number.parse().ok().map(failed),
            _ => None,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, next| {
            sum += next;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stand_in_the_result_lines_of_each_runner() {
        let libtest = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.11s";
        assert_eq!(
            Counts::in_line(libtest),
            Some(Counts {
                passed: 12,
                failed: 0
            })
        );
        let wasm = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 filtered out; finished in 0.02s\r";
        assert_eq!(
            Counts::in_line(wasm),
            Some(Counts {
                passed: 1,
                failed: 2
            })
        );
        let simulator = "test result: ok. 200 passed; 0 failed";
        assert_eq!(
            Counts::in_line(simulator),
            Some(Counts {
                passed: 200,
                failed: 0
            })
        );
    }

    #[test]
    fn node_and_playwright_say_what_passed_and_what_failed_in_lines_of_their_own() {
        for (line, passed, failed) in [
            ("# pass 12", 12, 0),
            ("# fail 3", 0, 3),
            ("  31 passed (1.2m)", 31, 0),
            ("  2 failed", 0, 2),
        ] {
            let counts = Some(Counts { passed, failed });
            assert_eq!(Counts::in_line(line), counts, "{line}");
        }
        for line in [
            "# tests 12",
            "# pass",
            "  2 failed to start",
            "all passed now",
        ] {
            assert_eq!(Counts::in_line(line), None, "{line}");
        }
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in [
            "",
            "test result: ok",
            "test result: ok. many passed; 0 failed",
            "test a::b ... ok",
        ] {
            assert_eq!(Counts::in_line(line), None, "{line}");
        }
    }

    #[test]
    fn counts_add_up() {
        let all = [
            Counts {
                passed: 2,
                failed: 1,
            },
            Counts {
                passed: 3,
                failed: 0,
            },
        ];
        assert_eq!(
            all.into_iter().sum::<Counts>(),
            Counts {
                passed: 5,
                failed: 1
            }
        );
    }
}
