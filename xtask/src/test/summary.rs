//! What the test command says at its end.

use std::fmt;
use std::time::Duration;

use super::{Counts, Outcome};

/// One finished gate.
#[derive(Debug)]
pub struct Line {
    pub name: &'static str,
    pub outcome: Outcome,
    pub tests: Counts,
    pub took: Duration,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, reason) = match &self.outcome {
            Outcome::Passed => ("ok", ""),
            Outcome::Failed(reason) => ("FAILED", reason.as_str()),
            Outcome::NotThereYet(reason) => ("not there yet", reason.as_str()),
            Outcome::NotRun(reason) => ("not run", reason.as_str()),
        };
        write!(
            f,
            "{:<28} {word:<13} {:>7.1} s",
            self.name,
            self.took.as_secs_f64()
        )?;
        if self.tests != Counts::default() {
            write!(
                f,
                "  {} passed, {} failed",
                self.tests.passed, self.tests.failed
            )?;
        }
        if !reason.is_empty() {
            write!(f, "  {reason}")?;
        }
        Ok(())
    }
}

/// All tests of all gates. A gate that failed without a failed test (a warning, a build error) counts as one failure,
/// so that nothing can fail while the last line says `0 failed`.
pub fn total(lines: &[Line]) -> Counts {
    let counts = lines.iter().map(|line| match line.outcome {
        Outcome::Failed(_) => Counts {
            failed: line.tests.failed.max(1),
            ..line.tests
        },
        _ => line.tests,
    });
    counts.sum()
}

/// The table of gates and the last line, `N passed, N failed`.
pub fn render(lines: &[Line]) -> String {
    let table: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let Counts { passed, failed } = total(lines);
    format!("Summary\n{table}\n{passed} passed, {failed} failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(outcome: Outcome, passed: u64, failed: u64) -> Line {
        Line {
            name: "tests",
            outcome,
            tests: Counts { passed, failed },
            took: Duration::from_millis(1500),
        }
    }

    #[test]
    fn ends_with_the_plain_count() {
        let text = render(&[
            line(Outcome::Passed, 7, 0),
            line(Outcome::NotThereYet("no such package".into()), 0, 0),
        ]);
        assert!(
            text.contains(
                "tests                        ok                1.5 s  7 passed, 0 failed\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("not there yet     1.5 s  no such package\n"),
            "{text}"
        );
        assert!(text.ends_with("\n7 passed, 0 failed"), "{text}");
    }

    #[test]
    fn a_gate_without_tests_counts_as_one_failure() {
        let failed = || Outcome::Failed("a warning".into());
        assert_eq!(
            total(&[line(failed(), 0, 0), line(Outcome::Passed, 7, 0)]),
            Counts {
                passed: 7,
                failed: 1
            }
        );
        assert_eq!(
            total(&[line(failed(), 5, 2)]),
            Counts {
                passed: 5,
                failed: 2
            }
        );
    }
}
