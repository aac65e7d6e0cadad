//! The gates in their order: the quick ones first.

use std::process::Command;

use super::{Context, Counts, Ended, Gate, Outcome, fuzz, stories, wasm};
use crate::process::{count_tests, succeeds};
use crate::{programs, tools, web};

const SIMULATOR: &str = "undertone-sim";
const SEEDS: &str = "200";

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
    let flags = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    plain(succeeds(context.workspace.cargo().args(flags))?)
}

fn documentation(context: &Context) -> Ended {
    let mut cargo = context.workspace.cargo();
    cargo
        .env("RUSTDOCFLAGS", "-D warnings")
        .args(["doc", "--no-deps", "--workspace", "--locked"]);
    plain(succeeds(&mut cargo)?)
}

fn tests(context: &Context) -> Ended {
    let mut success = true;
    let mut counts = Counts::default();
    for packages in [programs::ALL_BUT_XTASK, &["-p", "xtask"]] {
        let mut cargo = context.workspace.cargo();
        // A snapshot that differs is a failure here, never a new file. The server's tests are about one without a client.
        cargo
            .env("INSTA_UPDATE", "no")
            .env_remove(web::SITE)
            .args(["test", "--locked", "--no-fail-fast"])
            .args(packages);
        let (passed, some) = count_tests(&mut cargo)?;
        success &= passed;
        counts += some;
    }
    Ok((Outcome::from_success(success), counts))
}

fn simulator(context: &Context) -> Ended {
    if !context.workspace.has(SIMULATOR) {
        return Outcome::NotThereYet(format!("no package {SIMULATOR}")).without_tests();
    }
    // As in the tests: its dependencies are optimised and built by now.
    let simulator = programs::build_as_in_tests(&context.workspace, SIMULATOR)?;
    let mut simulator = Command::new(simulator);
    simulator
        .current_dir(context.workspace.root())
        .args(["--seeds", SEEDS]);
    let (success, counts) = count_tests(&mut simulator)?;
    Ok((Outcome::from_success(success), counts))
}
