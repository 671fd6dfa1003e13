#!/bin/sh
# Runs one programme of the core's tests.
#
#   run.sh rtl    BENCH IMAGE SEED...   on the Verilated core, once for each seed of the bus delays (0: none); every
#                                       run must pass and print the same
#   run.sh qemu   BENCH IMAGE QEMU      on QEMU and on the core; both must pass, and word for word print the same
#   run.sh random BENCH IMAGE QEMU GENERATOR FIRST COUNT
#                                       the same with COUNT random programmes, seeds FIRST and up; IMAGE is the frame
#                                       that they run in
#   run.sh status BENCH IMAGE STATUS ARGUMENT...
#                                       on the core with these arguments; it must end with this status
set -eu

mode=$1
bench=$2
image=$3
shift 3

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM

# QEMU's rv32 cut down to what the core is. With x-smaia it takes interrupts in the order that the privileged manual
# gives them; without, lowest number first. The zero mimpid tells a programme that this is QEMU.
cpu=rv32,a=off,f=off,d=off,c=off,h=off,s=off,u=off,zba=off,zbb=off,zbc=off,zbs=off,mmu=off,pmp=off,debug=off,sstc=off
cpu=$cpu,x-smaia=on,marchid=0,mimpid=0,mvendorid=0

fail()
{
    echo "FAILED: $*"
    exit 1
}

# on_rtl IMAGE SEED TEXT
on_rtl()
{
    "$bench" --image "$1" --seed "$2" >"$3" || {
        status=$?
        cat "$3"
        fail "seed $2: status $status"
    }
}

# on_qemu IMAGE TEXT
on_qemu()
{
    timeout 60 "$qemu" -M virt -cpu "$cpu" -m 16M -bios none -nodefaults -display none -serial "file:$2" \
        -device "loader,file=$1,addr=0x80000000" </dev/null || {
        status=$?
        cat "$2"
        fail "QEMU: status $status"
    }
}

# same WHAT TEXT TEXT
same()
{
    diff -u "$2" "$3" || fail "$1 differ"
}

case $mode in
rtl)
    for seed in "$@"; do
        on_rtl "$image" "$seed" "$dir/$seed"
        [ -s "$dir/first" ] || cp "$dir/$seed" "$dir/first"
        same "seeds" "$dir/first" "$dir/$seed"
    done
    cat "$dir/first"
    ;;
qemu)
    qemu=$1
    on_rtl "$image" 0 "$dir/rtl"
    on_qemu "$image" "$dir/qemu"
    same "QEMU and RTL" "$dir/qemu" "$dir/rtl"
    tail -n 1 "$dir/rtl"
    ;;
random)
    qemu=$1
    generator=$2
    first=$3
    count=$4
    seed=$first
    while [ "$seed" -lt $((first + count)) ]; do
        echo "random programme, seed $seed"
        "$generator" "$image" "$seed" "$dir/image"
        on_qemu "$dir/image" "$dir/qemu"
        for delays in 0 "$seed"; do
            on_rtl "$dir/image" "$delays" "$dir/rtl"
            same "QEMU and RTL (programme seed $seed, delay seed $delays)" "$dir/qemu" "$dir/rtl"
        done
        seed=$((seed + 1))
    done
    ;;
status)
    want=$1
    shift
    status=0
    "$bench" --image "$image" "$@" || status=$?
    [ "$status" -eq "$want" ] || fail "status $status, not $want"
    ;;
*)
    fail "unknown mode $mode"
    ;;
esac
