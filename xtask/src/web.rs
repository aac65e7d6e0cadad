//! `cargo xtask web`: the browser's client, from its crates and static files to a signed release of finished files.

mod assets;
mod bind;
mod compile;
mod compress;
mod fingerprint;
mod key;
mod optimise;
mod release;
mod sizes;
mod sources;
mod write;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::system::{self, CC, CLANG, NODE, NPM, Need};
use crate::workspace::Workspace;
use fingerprint::Stamp;

/// The variable by which the server's build finds the site.
pub const SITE: &str = "UNDERTONE_WEB_SITE";

/// What the build needs of the system.
pub const NEEDS: &[&Need] = &[&CC, &CLANG, &NODE, &NPM];

/// What was asked for on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The file of the key that signs; without it the environment's, or else the checkout's own.
    pub release_key: Option<PathBuf>,
}

impl Options {
    /// Reads the flags; any other word is an error.
    pub fn parse(flags: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut flags = flags.iter();
        while let Some(flag) = flags.next() {
            match *flag {
                "--release-key" => {
                    let file = flags.next().context("--release-key needs a file")?;
                    options.release_key = Some(PathBuf::from(file));
                }
                other => bail!("`web` does not know {other}"),
            }
        }
        Ok(options)
    }
}

/// Builds the site and says where it is.
pub fn web(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    system::ensure_present(NEEDS)?;
    let site = build(&workspace, options)?;
    println!("The site lies in {}.", site.display());
    Ok(ExitCode::SUCCESS)
}

/// Where the site is, once it is built.
pub fn site(workspace: &Workspace) -> PathBuf {
    workspace.target().join("web/site")
}

/// Builds the site, unless nothing that it is made of has changed, and returns its folder.
pub fn build(workspace: &Workspace, options: &Options) -> Result<PathBuf> {
    let key = key::release_key(workspace, options.release_key.as_deref())?;
    let _alone = alone(workspace)?;
    let programs = compile::compile(workspace)?;
    let mut sources = sources::read(&workspace.root().join("crates/web/static"))?;

    let recipe = fingerprint::of_recipe(workspace)?;
    let mut fingerprint = recipe.clone();
    fingerprint.add(key.verifying_key().as_bytes());
    for program in &programs {
        fingerprint.add(&program.wasm);
    }
    for source in &sources {
        fingerprint.add(source.path.as_bytes());
        fingerprint.add(&source.content);
    }
    let fingerprint = fingerprint.finish();
    let site = site(workspace);
    let stamp = Stamp::at(site.with_extension("made-of"));
    if site.is_dir() && stamp.says(&fingerprint) {
        println!("The browser client is as it was.");
    } else {
        for program in &programs {
            sources.extend(bind::bind(workspace, program, recipe.clone())?);
        }
        let files = assets::name_by_content(sources, &key.verifying_key())?;
        stamp.remove()?;
        write::write(&files, &key, &site)?;
        stamp.write(&fingerprint)?;
    }
    sizes::print(&site)?;
    Ok(site)
}

/// Waits until no other build writes here, and keeps others waiting for as long as the file is held.
fn alone(workspace: &Workspace) -> Result<File> {
    let path = site(workspace).with_extension("lock");
    let problem = || format!("cannot lock {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(problem)?;
    }
    let file = File::create(&path).with_context(problem)?;
    if file.try_lock().is_err() {
        println!("Waiting for another build of the browser client.");
        file.lock().with_context(problem)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn flags_are_read_and_unknown_ones_refused() {
        assert_eq!(Options::parse(&[]).unwrap(), Options::default());
        let options = Options::parse(&["--release-key", "k"]).unwrap();
        assert_eq!(options.release_key, Some(PathBuf::from("k")));
        assert!(Options::parse(&["--release-key"]).is_err());
        assert!(Options::parse(&["--release"]).is_err());
    }
}
