//! Figures as Markdown tables.

use std::{fmt::Write as _, time::Duration};

use clap::ValueEnum as _;

use crate::arguments::System;

/// What one run gave.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// Of which system.
    pub system: System,
    /// Messages that arrived.
    pub messages: u64,
    /// From the first that was sent to the last that arrived.
    pub elapsed: Duration,
    /// Processor time of the server in between.
    pub cpu: Duration,
}

impl Delivered {
    /// Messages a second.
    pub fn rate(&self) -> f64 {
        self.messages as f64 / self.elapsed.as_secs_f64()
    }

    /// Processor time of the server for each message, in microseconds.
    pub fn cost(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.messages as f64
    }
}

/// The name on the command line.
pub fn name(system: System) -> String {
    let value = system.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// A line for each run.
pub fn table(runs: &[Delivered]) -> String {
    let mut text = String::from(
        "| system | messages | messages/s | server CPU µs per message |\n|---|---:|---:|---:|\n",
    );
    for run in runs {
        line(
            &mut text,
            &format!(
                "{} | {} | {:.0} | {:.1}",
                name(run.system),
                run.messages,
                run.rate(),
                run.cost()
            ),
        );
    }
    text
}

/// Medians by system, and how the others compare with the first.
pub fn ratios(runs: &[Delivered]) -> String {
    let mut systems: Vec<System> = Vec::new();
    for run in runs {
        if !systems.contains(&run.system) {
            systems.push(run.system);
        }
    }
    let of = |system: System, figure: fn(&Delivered) -> f64| {
        let runs = runs.iter().filter(|run| run.system == system);
        median(runs.map(figure).collect())
    };
    let Some(first) = systems.first().copied() else {
        return String::new();
    };
    let mut text = format!(
        "| system | median messages/s | median CPU µs per message | CPU relative to {} |\n|---|---:|---:|---:|\n",
        name(first)
    );
    for system in systems {
        let cost = of(system, Delivered::cost);
        line(
            &mut text,
            &format!(
                "{} | {:.0} | {cost:.1} | {:.2}",
                name(system),
                of(system, Delivered::rate),
                cost / of(first, Delivered::cost)
            ),
        );
    }
    text
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

fn line(text: &mut String, cells: &str) {
    // Writing into a string does not fail.
    let _ = writeln!(text, "| {cells} |");
}
