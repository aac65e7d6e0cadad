//! What came of a run of tests: the summary names those that failed, so that nobody has to search the output for them.

use super::{Counts, Ended, Outcome};

/// Failed tests that the summary names, and characters of each.
const NAMED: usize = 8;
const CHARACTERS: usize = 160;

/// A run of tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Whether the runner ended well.
    pub success: bool,
    /// How many tests passed and failed.
    pub counts: Counts,
    /// Which failed.
    pub failures: Vec<String>,
}

impl Ran {
    /// Takes a line of the runner's output.
    pub fn note(&mut self, line: &str) {
        self.counts += Counts::in_line(line).unwrap_or_default();
        if let Some(name) = failure(line) {
            self.failures.push(name.chars().take(CHARACTERS).collect());
        }
    }

    /// Both runs as one.
    pub fn and(mut self, other: Self) -> Self {
        self.success &= other.success;
        self.counts += other.counts;
        self.failures.extend(other.failures);
        self
    }

    /// How a gate ended that was this run.
    pub fn ended(self) -> Ended {
        if self.success {
            return Ok((Outcome::Passed, self.counts));
        }
        let more = self.failures.len().saturating_sub(NAMED);
        let mut names: Vec<_> = self.failures.into_iter().take(NAMED).collect();
        if more > 0 {
            names.push(format!("and {more} more"));
        }
        Ok((Outcome::Failed(names.join("; ")), self.counts))
    }
}

/// The failed test that a line tells of: as libtest, the simulator, node's own runner or Playwright write it.
fn failure(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(test) = line.strip_prefix("test ") {
        return test.strip_suffix(" ... FAILED");
    }
    let is_seed = line.starts_with("seed ") && line.contains(" FAILED: ");
    let is_nodes = line.starts_with("not ok ");
    let number = line.split_once(") ").map(|(number, _)| number);
    let is_story = number.is_some_and(|number| number.parse::<u32>().is_ok());
    (is_seed || is_nodes || is_story && line.contains(".spec.js")).then_some(line)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_failed_is_named_at_the_end() {
        let mut ran = Ran::default();
        for line in [
            "test a::passes ... ok",
            "test a::fails ... FAILED",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored",
            "seed 81 FAILED: not quiet after two hours",
            "not ok 3 - a release is kept whole",
            "  1) stories/tabs.spec.js:4:1 › a second tab",
            "(see chapter 1) of stories.spec.js",
        ] {
            ran.note(line);
        }
        let (outcome, counts) = ran.ended().unwrap();
        let named = "a::fails; seed 81 FAILED: not quiet after two hours; not ok 3 - a release is kept whole; \
                     1) stories/tabs.spec.js:4:1 › a second tab";
        assert_eq!(outcome, Outcome::Failed(named.to_owned()));
        assert_eq!((counts.passed, counts.failed), (1, 1));
    }

    #[test]
    fn two_runs_fail_if_one_does_and_a_long_list_ends() {
        let mut failed = Ran::default();
        for number in 0..20 {
            failed.note(&format!("test t{number} ... FAILED"));
        }
        let good = Ran {
            success: true,
            ..Ran::default()
        };
        let (outcome, _) = good.and(failed).ended().unwrap();
        assert!(matches!(outcome, Outcome::Failed(names) if names.ends_with("t7; and 12 more")));
    }
}
