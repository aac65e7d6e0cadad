//! Makes a program callable from JavaScript: wasm-bindgen's script beside the program's code.

use std::fs;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::compile::Program;
use super::fingerprint::{Fingerprint, Stamp};
use super::optimise::optimise;
use super::shorten::ShortNames;
use super::sources::{ASSETS, Source};
use crate::workspace::Workspace;

/// Returns the two files of a program, `NAME.js` and `NAME.wasm`; those of an earlier build, if it was of the same.
pub fn bind(workspace: &Workspace, program: &Program, recipe: Fingerprint) -> Result<[Source; 2]> {
    let name = program.name;
    let folder = workspace.target().join("web/bound").join(name);
    let mut fingerprint = recipe;
    fingerprint.add(&program.wasm);
    let fingerprint = fingerprint.finish();
    let stamp = Stamp::at(folder.join("made-of"));
    let script = folder.join(format!("{name}.js"));
    let code = folder.join(format!("{name}.wasm"));
    if !stamp.says(&fingerprint) {
        println!("Preparing {name} for the browser.");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        stamp.remove()?;
        let bound = bindgen(program).with_context(|| format!("wasm-bindgen cannot use {name}"))?;
        let large = folder.join("large.wasm");
        for (file, content) in [(&script, &bound.script), (&large, &bound.code)] {
            fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))?;
        }
        optimise(workspace, &large, &code)?;
        stamp.write(&fingerprint)?;
    }
    let read = |file, extension| {
        let content = fs::read(file).with_context(|| format!("cannot read {name}.{extension}"))?;
        let path = format!("{ASSETS}{name}.{extension}");
        anyhow::Ok(Source { path, content })
    };
    Ok([read(&script, "js")?, read(&code, "wasm")?])
}

/// What wasm-bindgen makes of a program.
struct Bound {
    script: Vec<u8>,
    code: Vec<u8>,
}

fn bindgen(program: &Program) -> Result<Bound> {
    let mut output = Bindgen::new()
        .input_bytes(program.name, program.wasm.clone())
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    ensure!(
        output.snippets().is_empty()
            && output.local_modules().is_empty()
            && output.npm_dependencies().is_empty(),
        "a dependency brings JavaScript of its own, which the site has no place for"
    );
    let mut names = ShortNames::default();
    let module = output.wasm_mut();
    for import in module.imports.iter_mut() {
        names.shorten(&mut import.name);
    }
    for export in module.exports.iter_mut() {
        names.shorten(&mut export.name);
    }
    let code = module.emit_wasm();
    let script = names.in_script(output.js()).into_bytes();
    Ok(Bound { script, code })
}
