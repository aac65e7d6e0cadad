#!/bin/sh
# The linker of every native build here (see .cargo/config.toml): the system's `cc`. It exists for one moment in a
# machine's life: with rustup but without a C compiler nothing can be linked, `cargo xtask` included, so this is the
# only place that can still say what is missing, or install it when that needs no password.
command -v cc >/dev/null 2>&1 && exec cc "$@"

say() {
    # rustc swallows what a successful linker prints, so a person at a terminal is told there.
    { printf '%s\n' "$1" >/dev/tty; } 2>/dev/null || printf '%s\n' "$1" >&2
}

packages="gcc libc6-dev"
if ! command -v apt-get >/dev/null 2>&1; then
    say "Undertone needs a C compiler named 'cc'. Install one and repeat the command."
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    root=""
elif sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    say "Undertone needs a C compiler. Run this, then repeat the command: sudo apt-get install -y $packages"
    exit 1
fi

# Cargo links several build scripts at once; only the first of them installs.
(
    flock 9
    command -v cc >/dev/null 2>&1 && exit 0
    say "Undertone: no C compiler here; installing it: ${root:+$root }apt-get install -y $packages"
    $root apt-get update -qq >&2
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages >&2
) 9<"$0"
exec cc "$@"
