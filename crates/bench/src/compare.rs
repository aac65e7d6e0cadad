//! `compare`: all systems in turn, several times, in one run.

use crate::{
    arguments::Compare,
    deliver::measure,
    report::{ratios, table},
};

/// Measures the systems alternately and shows every round, the medians and their ratios.
///
/// # Errors
/// If a system is not there, or refuses what it should take.
pub async fn compare(arguments: &Compare) -> anyhow::Result<String> {
    let mut rounds = Vec::new();
    for _ in 0..arguments.repeats {
        for system in &arguments.systems {
            rounds.push(measure(*system, &arguments.amount, &arguments.program).await?);
        }
    }
    Ok(format!("{}\n{}", table(&rounds), ratios(&rounds)))
}
