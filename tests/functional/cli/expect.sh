# What the functional tests of the command line program have in common; sourced by them.
failures=0
directory=$(mktemp -d -t qosim-cli-XXXXXX)
daemon=

# Nobody's leftover server or setting may answer for the one under test.
unset QOSIM_URL
export XDG_RUNTIME_DIR=$directory

clean_up() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null
    wait
    rm -rf "$directory"
}
# shellcheck source-path=SCRIPTDIR source=../../lib/on_exit.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/on_exit.sh"
on_exit clean_up

fail() {
    echo "not ok: $*"
    failures=$((failures + 1))
}

# expect CODE PATTERN COMMAND...: the exit code must be CODE and all that the command prints, both streams as one text, must match
# the extended regular expression.
expect() {
    local code=$1 pattern=$2 output actual
    shift 2
    output=$("$@" 2>&1)
    actual=$?
    if [ "$actual" -ne "$code" ]; then
        fail "'$*': exit code $actual, not $code: $output"
    elif ! [[ $output =~ ^($pattern)$ ]]; then
        fail "'$*': printed '$output', which is not '$pattern'"
    else
        echo "ok: $*"
    fi
}

finish() {
    echo "$failures failures"
    [ "$failures" -eq 0 ]
}
