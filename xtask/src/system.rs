//! What cargo cannot build itself and the system has to have: says what is missing, installs it where that needs no
//! password.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{succeeds, works};

/// Something of the system that a build or a test needs.
#[derive(Debug)]
pub struct Need {
    purpose: &'static str,
    program: &'static str,
    /// Arguments with which the program ends well exactly if what we need of it is there.
    probe: &'static [&'static str],
    packages: &'static [&'static str],
}

/// A C compiler for SQLite. (`xtask/linker.sh` has usually seen to it before.)
pub const CC: Need = Need {
    purpose: "compiles SQLite",
    program: "cc",
    probe: &["--version"],
    packages: &["gcc", "libc6-dev"],
};

/// `make`, for the OpenSSL inside SQLCipher.
pub const MAKE: Need = Need {
    purpose: "builds SQLCipher's OpenSSL",
    program: "make",
    probe: &["--version"],
    packages: &["make"],
};

/// Perl with its standard modules, which Debian's `perl-base` lacks, for the OpenSSL inside SQLCipher.
pub const PERL: Need = Need {
    purpose: "configures SQLCipher's OpenSSL",
    program: "perl",
    probe: &[
        "-MFindBin",
        "-MIPC::Cmd",
        "-MFile::Compare",
        "-MFile::Copy",
        "-e1",
    ],
    packages: &["perl"],
};

/// Clang, the C compiler that knows wasm32.
pub const CLANG: Need = Need {
    purpose: "compiles SQLite for the browser",
    program: "clang",
    probe: &["--version"],
    packages: &["clang"],
};

/// Node, in which wasm-opt and the tests for wasm32 run.
pub const NODE: Need = Need {
    purpose: "makes the browser client small, and tests it",
    program: "node",
    probe: &["--version"],
    packages: &["nodejs"],
};

/// Node's package manager.
pub const NPM: Need = Need {
    purpose: "installs wasm-opt for node",
    program: "npm",
    probe: &["--version"],
    packages: &["npm"],
};

/// The browser of the browser stories.
pub const CHROMIUM: Need = Need {
    purpose: "runs the browser stories",
    program: "chromium",
    probe: &["--version"],
    packages: &["chromium"],
};

/// Makes sure that the compiler has this target. `rust-toolchain.toml` names it, but a toolchain from before stays as it
/// was.
pub fn ensure_target(target: &str) -> Result<()> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let output = rustc
        .args(["--print", "target-libdir", "--target", target])
        .output()
        .context("cannot start rustc")?;
    let folder = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    ensure!(
        succeeds(rustup.args(["target", "add", target]))?,
        "the compiler lacks the target {target}"
    );
    Ok(())
}

/// Makes sure that all of this is there. As root, or where `sudo` asks for no password, it installs what is missing
/// after saying so; otherwise it fails with the command to type.
pub fn ensure_present(needs: &[&Need]) -> Result<()> {
    let missing: Vec<&Need> = needs
        .iter()
        .copied()
        .filter(|need| !works(need.program, need.probe))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("This machine still lacks:");
    for need in &missing {
        println!("  {:<6} {}", need.program, need.purpose);
    }
    let install = install_command(&missing);
    if !works("apt-get", &["--version"]) {
        bail!("install these with your system's package manager and repeat the command");
    }
    let root: &[&str] = if works("sh", &["-c", "test \"$(id -u)\" = 0"]) {
        &[]
    } else if works("sudo", &["-n", "true"]) {
        &["sudo", "-n"]
    } else {
        bail!("type this, then repeat the command: sudo {install}");
    };
    println!("Installing them: {install}");
    let update = "apt-get update -qq";
    for line in [update, &install] {
        let mut words = root
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive"])
            .chain(line.split(' '));
        let Some(program) = words.next() else {
            continue;
        };
        ensure!(
            succeeds(Command::new(program).args(words))?,
            "`{line}` failed"
        );
    }
    Ok(())
}

fn install_command(missing: &[&Need]) -> String {
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|need| need.packages)
        .copied()
        .collect();
    format!("apt-get install -y {}", packages.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_command_installs_all_that_is_missing() {
        assert_eq!(
            install_command(&[&CC, &PERL]),
            "apt-get install -y gcc libc6-dev perl"
        );
    }
}
