//! Runs seeds of the simulator: `undertone-sim --seeds 200`, or one again with `--seed 17`.

#![allow(clippy::print_stdout)]

use std::{
    panic::catch_unwind,
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use clap::Parser;
use undertone_sim::{group_scenario, scenario, scenario::Outcome};

/// Many engines and the real server core under virtual time, with faults.
#[derive(Parser)]
struct Options {
    /// How many seeds to run.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Run this seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Run seeds of groups instead of seeds of people two by two.
    #[arg(long)]
    groups: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let (first, seeds) = options
        .seed
        .map_or((options.first, options.seeds), |seed| (seed, 1));
    let run: fn(u64) -> anyhow::Result<Outcome> = if options.groups {
        group_scenario::run
    } else {
        scenario::run
    };
    let next = AtomicU64::new(first);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<(u64, Result<Outcome, String>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut results = Vec::new();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= first + seeds {
                            return results;
                        }
                        let result =
                            catch_unwind(|| run(seed).map_err(|error| format!("{error:#}")));
                        let result = result.unwrap_or_else(|_| Err("a panic".to_owned()));
                        if let Err(error) = &result {
                            println!("seed {seed} FAILED: {error}");
                        }
                        results.push((seed, result));
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .filter_map(|worker| worker.join().ok())
            .flatten()
            .collect()
    });
    let passed: Vec<_> = results
        .iter()
        .filter_map(|(_, result)| result.as_ref().ok())
        .collect();
    let messages: usize = passed.iter().map(|outcome| outcome.messages).sum();
    let accidents: u64 = passed.iter().map(|outcome| outcome.accidents).sum();
    let failed = results.len() - passed.len();
    println!("{messages} messages arrived once and in order through {accidents} accidents");
    println!(
        "test result: {}. {} passed; {failed} failed; 0 ignored; seeds {first} to {}",
        if failed == 0 { "ok" } else { "FAILED" },
        passed.len(),
        first + seeds - 1,
    );
    if failed == 0 && results.len() as u64 == seeds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
