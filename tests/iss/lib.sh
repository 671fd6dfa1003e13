# shellcheck shell=bash disable=SC2154
# For the tests of qosim-iss, sourced by them with BUILD_DIR in $build: servers, runs, buttons, commentary.
iss=$build/bin/qosim-iss
export LSAN_OPTIONS=suppressions=$(cd "$(dirname "$0")" && pwd)/lsan.supp:print_suppressions=0
work=$(mktemp -d)
patience=${QOSIM_TEST_PATIENCE:-60} # seconds that anything may take
failed=0
name=
bad=0
declare -A servers=() # URL: process
runs=()

end_all() {
    local pid
    for pid in "${runs[@]}" "${servers[@]}"; do
        kill -CONT "$pid" 2>/dev/null
        kill -9 "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
# shellcheck source-path=SCRIPTDIR source=../lib/on_exit.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/on_exit.sh"
on_exit end_all

begin() { # NAME
    name=$1
    bad=0
}
expect() { # CONDITION...
    "$@" || {
        echo "    failed: $*"
        bad=1
    }
}
verdict() { # FILE...: shown when it went wrong
    if [ $bad -eq 0 ]; then
        echo "ok - $name"
        return
    fi
    echo "not ok - $name"
    local file
    for file in "$@"; do
        sed "s|^|    ${file##*/}: |" "$file"
    done
    failed=1
}
until_true() { # COMMAND...
    local deadline=$((SECONDS + patience))
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.02
    done
}
has_line() { # PATTERN FILE
    grep -Eq -- "$1" "$2" 2>/dev/null
}
is_gone() { # PID
    ! kill -0 "$1" 2>/dev/null
}
client() { # URL ARGUMENT...
    local url=$1
    shift
    timeout 10 "$build/bin/qosim" -u "$url" "$@" 2>/dev/null
}
answers() { # URL
    client "$1" info >/dev/null
}
# Starts qosimd with these arguments; where it listens goes to $url. SCHEME: tcp or ipc (which is shared memory if it can be).
start_server() { # SCHEME ARGUMENT...
    local scheme=$1 try
    shift
    for try in {1..20}; do
        if [ "$scheme" = tcp ]; then
            url=tcp://127.0.0.1:$((20000 + RANDOM % 40000))
        else
            url=ipc://$work/server.$try.${#servers[@]}
        fi
        "$build/bin/qosimd" "$@" --listen "$url" >"$work/qosimd.log" 2>&1 </dev/null &
        servers[$url]=$!
        until_true server_is_settled "$url"
        ! answers "$url" || return 0
    done
    echo "not ok - qosimd does not start: $(cat "$work/qosimd.log")"
    exit 1
}
server_is_settled() { # URL
    is_gone "${servers[$1]}" || answers "$1"
}
stop_server() { # URL
    kill "${servers[$1]}" 2>/dev/null
    wait "${servers[$1]}" 2>/dev/null
    unset "servers[$1]"
}
# A run of a program in the background: NAME.out, NAME.err; its process in ${pid[NAME]}.
declare -A pid
run() { # NAME COMMAND...
    local run=$1
    shift
    "$@" >"$work/$run.out" 2>"$work/$run.err" </dev/null &
    pid[$run]=$!
    runs+=("$!")
}
# Waits for the end of a run; it must have ended with STATUS.
ended() { # NAME STATUS
    until_true is_gone "${pid[$1]}" || return 1
    wait "${pid[$1]}"
    local status=$?
    [ $status -eq "$2" ] || {
        echo "    $1: status $status, want $2"
        return 1
    }
}
register() { # URL ADDRESS: its value, decimal
    local value
    value=$(client "$1" read "$2") || value=-1
    echo $((value))
}
register_is() { # URL ADDRESS MASK VALUE
    [ $(($(register "$1" "$2") & $3)) -eq $(($4)) ]
}
# Presses and releases the four buttons of the demo, each as its light asks for it.
press_buttons() { # URL
    local light
    until_true register_is "$1" 0x10012018 0xffffffff 0xf00 || return 1
    for light in 0 1 2 3 4 5 6 7; do
        until_true register_is "$1" 0x10012000 0xff $((1 << light)) || return 1
        client "$1" pin $((8 + light / 2)) $((1 - light % 2)) || return 1
    done
}
