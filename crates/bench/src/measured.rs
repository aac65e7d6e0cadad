//! A server process under measurement: started, watched from outside, ended.

use std::{
    collections::HashMap,
    fs,
    os::unix::process::CommandExt as _,
    process::{Child, Command},
    time::Duration,
};

use anyhow::Context as _;
use rustix::{
    param::clock_ticks_per_second,
    process::{Pid, Signal, kill_process_group},
};

/// A process and its descendants. They end with this value.
#[derive(Debug)]
pub struct Measured {
    child: Child,
}

impl Measured {
    /// Starts a program as the head of a process group of its own.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_owned();
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        Ok(Self { child })
    }

    /// The process that was started.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Processor time used so far, in user and system mode.
    ///
    /// # Errors
    /// If `/proc` tells nothing.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let mut ticks = 0;
        for process in self.family()? {
            ticks += process.ticks;
        }
        Ok(Duration::from_secs_f64(
            ticks as f64 / clock_ticks_per_second() as f64,
        ))
    }

    /// Resident memory that no other process shares, in bytes.
    ///
    /// # Errors
    /// If `/proc` tells nothing.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let mut bytes = 0;
        for process in self.family()? {
            let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.id))?;
            for line in rollup.lines().filter(|line| line.starts_with("Private_")) {
                let kilobytes = line.split_whitespace().nth(1);
                let kilobytes: u64 = kilobytes.context("no number in smaps_rollup")?.parse()?;
                bytes += kilobytes * 1_024;
            }
        }
        Ok(bytes)
    }

    fn family(&self) -> anyhow::Result<Vec<Process>> {
        let mut children: HashMap<u32, Vec<Process>> = HashMap::new();
        let mut family = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // A process may end while the list is read.
            let Some(process) = Process::read(id) else {
                continue;
            };
            if id == self.child.id() {
                family.push(process);
            } else {
                children.entry(process.parent).or_default().push(process);
            }
        }
        let mut next = 0;
        while let Some(id) = family.get(next).map(|process| process.id) {
            family.extend(children.remove(&id).unwrap_or_default());
            next += 1;
        }
        Ok(family)
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        // If it ended by itself there is nothing left to end.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// One line of `/proc/PID/stat`.
#[derive(Debug)]
struct Process {
    id: u32,
    parent: u32,
    ticks: u64,
}

impl Process {
    fn read(id: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name, in parentheses, may hold anything.
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<_> = rest.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            id,
            parent: u32::try_from(number(1)?).ok()?,
            ticks: number(11)? + number(12)?,
        })
    }
}
