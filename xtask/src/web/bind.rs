//! Makes a program callable from JavaScript: wasm-bindgen's module beside the program's code.

use std::fs;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::compile::Program;
use super::fingerprint::{Fingerprint, Stamp};
use super::optimise::optimise;
use super::sources::{ASSETS, Source};
use crate::workspace::Workspace;

/// Returns the two files of a program, `NAME.js` and `NAME.wasm`; those of an earlier build, if it was of the same.
pub fn bind(workspace: &Workspace, program: &Program, recipe: Fingerprint) -> Result<[Source; 2]> {
    let folder = workspace
        .target()
        .join("web")
        .join("bound")
        .join(program.name);
    let mut fingerprint = recipe;
    fingerprint.add(&program.wasm);
    let fingerprint = fingerprint.finish();
    let stamp = Stamp::at(folder.join("made-of"));
    let script = folder.join(format!("{}.js", program.name));
    let code = folder.join(format!("{}.wasm", program.name));
    if !stamp.says(&fingerprint) {
        println!("Preparing {} for the browser.", program.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        Bindgen::new()
            .input_bytes(program.name, program.wasm.clone())
            .web(true)?
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(&folder)
            .with_context(|| format!("wasm-bindgen cannot use {}", program.name))?;
        ensure!(
            !folder.join("snippets").exists() && !folder.join("package.json").exists(),
            "a dependency of {} brings JavaScript of its own, which the site has no place for",
            program.name
        );
        // A C function that nobody defines becomes an import that no browser can satisfy.
        let module = fs::read_to_string(&script)
            .with_context(|| format!("cannot read {}", script.display()))?;
        ensure!(
            !module.contains("from \"env\""),
            "{} calls a function that is in none of its libraries",
            program.name
        );
        let bound = folder.join(format!("{}_bg.wasm", program.name));
        optimise(workspace, &bound, &code)?;
        stamp.write(&fingerprint)?;
    }
    let read = |file: &std::path::Path, extension: &str| {
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let path = format!("{ASSETS}{}.{extension}", program.name);
        anyhow::Ok(Source { path, content })
    };
    Ok([read(&script, "js")?, read(&code, "wasm")?])
}
