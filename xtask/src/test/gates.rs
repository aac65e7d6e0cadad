//! The gates in their order: the quick ones first.

use std::process::Command;

use super::{Context, Ended, Gate, Outcome, Ran, fuzz, stories, wasm};
use crate::process::{run_tests, succeeds};
use crate::{programs, tools, web};

const SIMULATOR: &str = "undertone-sim";
/// Seeds of people two by two, of groups, and of each in the long mode.
const SEEDS: &str = "200";
const GROUP_SEEDS: &str = "100";
const LONG_SEEDS: &str = "2000";

pub const GATES: &[Gate] = &[
    Gate {
        name: "format",
        run: format,
    },
    Gate {
        name: "unused dependencies",
        run: unused_dependencies,
    },
    Gate {
        name: "licences, bans and sources",
        run: licences,
    },
    Gate {
        name: "clippy",
        run: clippy,
    },
    Gate {
        name: "documentation",
        run: documentation,
    },
    Gate {
        name: "tests",
        run: tests,
    },
    Gate {
        name: "simulator",
        run: simulator,
    },
    Gate {
        name: stories::CLIENT,
        run: stories::client,
    },
    Gate {
        name: "tests on wasm32",
        run: wasm::tests,
    },
    Gate {
        name: "browser stories",
        run: stories::stories,
    },
    Gate {
        name: "fuzzing",
        run: fuzz::fuzz,
    },
];

fn plain(success: bool) -> Ended {
    Outcome::from_success(success).without_tests()
}

fn format(context: &Context) -> Ended {
    plain(succeeds(
        context
            .workspace
            .cargo()
            .args(["fmt", "--all", "--", "--check"]),
    )?)
}

fn unused_dependencies(context: &Context) -> Ended {
    let machete = tools::install(&context.workspace, &tools::MACHETE)?;
    plain(succeeds(
        Command::new(machete).current_dir(context.workspace.root()),
    )?)
}

fn licences(context: &Context) -> Ended {
    let deny = tools::install(&context.workspace, &tools::DENY)?;
    let mut command = Command::new(deny);
    command.current_dir(context.workspace.root()).args([
        "--workspace",
        "--locked",
        "check",
        "licenses",
        "bans",
        "sources",
    ]);
    if context.options.advisories {
        command.arg("advisories");
    }
    plain(succeeds(&mut command)?)
}

fn clippy(context: &Context) -> Ended {
    let mut cargo = context.workspace.cargo();
    cargo
        .args(["clippy", "--workspace", "--all-targets"])
        .args(["--locked", "--", "-D", "warnings"]);
    plain(succeeds(&mut cargo)? && wasm::clippy(context)?)
}

fn documentation(context: &Context) -> Ended {
    let mut cargo = context.workspace.cargo();
    cargo
        .env("RUSTDOCFLAGS", "-D warnings")
        .args(["doc", "--no-deps", "--workspace", "--locked"]);
    plain(succeeds(&mut cargo)?)
}

/// Where runs begin that are taken together.
fn all_well() -> Ran {
    Ran {
        success: true,
        ..Ran::default()
    }
}

fn tests(context: &Context) -> Ended {
    let mut all = all_well();
    for packages in [programs::ALL_BUT_XTASK, &["-p", "xtask"]] {
        let mut cargo = context.workspace.cargo();
        // A snapshot that differs is a failure here, never a new file. The server's tests are about one without a client.
        cargo
            .env("INSTA_UPDATE", "no")
            .env_remove(web::SITE)
            .args(["test", "--locked", "--no-fail-fast"])
            .args(packages);
        all = all.and(run_tests(&mut cargo)?);
    }
    all.ended()
}

fn simulator(context: &Context) -> Ended {
    if !context.workspace.has(SIMULATOR) {
        return Outcome::NotThereYet(format!("no package {SIMULATOR}")).without_tests();
    }
    // As in the tests: its dependencies are optimised and built by now.
    let simulator = programs::build_as_in_tests(&context.workspace, SIMULATOR)?;
    let mut all = all_well();
    let (pairs, groups) = if context.options.long {
        (LONG_SEEDS, LONG_SEEDS)
    } else {
        (SEEDS, GROUP_SEEDS)
    };
    for arguments in [&["--seeds", pairs][..], &["--groups", "--seeds", groups]] {
        let mut command = Command::new(&simulator);
        command
            .current_dir(context.workspace.root())
            .args(arguments);
        all = all.and(run_tests(&mut command)?);
    }
    all.ended()
}
