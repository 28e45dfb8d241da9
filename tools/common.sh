# What the scripts in this folder share; sourced, with `set -euo pipefail` in force. Defines:
#   root              the source tree
#   build             the folder to build in
#   say WORDS…        prints one line on stderr, signed with the script's name
#   configure_build   sets up what is missing and has CMake describe the build, tests included
#   prepare           the same, then builds all
#   prepare_tool      builds the command trapline alone, and sets up no more than that needs
# The environment variable TRAPLINE_PRESET names another preset of CMakePresets.json than release to do it with.
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
preset=${TRAPLINE_PRESET:-release}
build=$root/build
if [[ $preset != release ]]; then build+=-$preset; fi

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# One script at a time in the build folder. Held until unlock_build; the tool that is run afterwards must not inherit it.
lock_build() {
  mkdir -p "$build" || exit 2
  exec {build_lock}>"$build/.lock"
  flock "$build_lock"
}
unlock_build() { exec {build_lock}>&-; }

# CMake notices itself when its own files change, but not that the presets do, that Unicorn now comes from elsewhere or that
# the tree was moved, or the kernel's sources for the selftests came: that is what the key is made of. With `tests` as $1
# the build has the tests; once it has, it keeps them.
run_cmake() {
  local key testing=OFF
  if [[ $1 == tests ]] || grep -qsx tests "$build/.configured"; then testing=ON; fi
  key=$(printf '%s\n' "$root" && cksum <"$root/CMakePresets.json" && find "$root/.deps" -maxdepth 1 -name unicorn
    find /usr/src -maxdepth 1 -name 'linux-source-6.1.tar.xz'
    if [[ $testing == ON ]]; then echo tests; fi)
  if [[ -f $build/build.ninja && -f $build/.configured && $(<"$build/.configured") == "$key" ]]; then return; fi
  rm -f "$build/.configured"
  (cd "$root" && cmake --preset "$preset" --fresh "-DBUILD_TESTING=$testing") >"$build/configure.log" 2>&1 || {
    cat "$build/configure.log" >&2
    say "CMake could not configure the build."
    exit 2
  }
  printf '%s\n' "$key" >"$build/.configured"
}

# Passes a build's output on to stderr, except for the lines that say that nothing had to be done.
report_work() {
  local line
  while IFS= read -r line; do
    case $line in
      '[0/'*'Re-checking globbed directories'* | 'ninja: no work to do.') ;;
      *) printf '%s\n' "$line" >&2 ;;
    esac
  done
}

# Both print to stderr, and only where there was something to do, so that stdout is the tool's own. What fails here ends
# with 2: 1 is for the verdict of the tool itself.
configure_build() {
  "$root/tools/setup" --test || exit 2
  lock_build
  run_cmake tests
  unlock_build
}
prepare() {
  "$root/tools/setup" --test || exit 2
  lock_build
  run_cmake tests
  cmake --build "$build" 2>&1 | report_work || exit 2
  unlock_build
}
prepare_tool() {
  "$root/tools/setup" || exit 2
  lock_build
  run_cmake tool
  cmake --build "$build" --target trapline 2>&1 | report_work || exit 2
  unlock_build
}
