# shellcheck shell=bash
# Sourced by scripts in bash that start processes and clean up behind them.

# on_exit FUNCTION: has this script call it when it ends. Only this script: a child that gets a signal before bash has got it
# going runs the EXIT trap of its parent, and would remove the folder in which that is still at work.
on_exit() {
    # No test that has a status: the child's bash mistakes it for that of another process.
    trap "case \$BASHPID in \$\$) $1 ;; esac" EXIT
}
