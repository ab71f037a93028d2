#!/usr/bin/env bash
# What a machine with a GPU is to show, in one call that builds nothing there.
#   tests/cuda/on_gpu.sh pack DIR    here: builds the binaries into DIR
#   DIR/on_gpu.sh run DIR            there: values and trajectories against the CPU and the reference, a memory check,
#                                    times; with several GPUs of one model, and NCCL, trajectories and times on all too
# There it needs the driver and NVRTC (LD_LIBRARY_PATH), cuBLAS for the reference, compute-sanitizer if memory is to be
# checked, and JAX, folx, optax and PyTorch if their steps are to be timed beside.
set -euo pipefail
verb=${1:?pack or run}
folder=${2:?a folder}
case $verb in
pack)
    cd "$(dirname "$0")/../.."
    mkdir -p "$folder"
    binary() { # the executable of a target, as cargo names it
        cargo test --release -p scorematch-cuda-tests "$@" --no-run --message-format=json 2>/dev/null |
            sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -1
    }
    cp "$(binary --test device)" "$folder/device"
    cp "$(binary --bench steps)" "$folder/steps"
    cp tests/cuda/on_gpu.sh "$folder/on_gpu.sh"
    cp -r benches/peers.py benches/peer "$folder/"
    ;;
run)
    cd "$folder"
    ./device --ignored --test-threads=1 --nocapture inside::
    # The products of a library: fused kernels against it, both against the CPU. What is left is done without it too.
    reference=0
    ./device --ignored --test-threads=1 --nocapture reference:: || reference=$?
    if command -v compute-sanitizer >/dev/null; then
        for tool in memcheck racecheck; do
            compute-sanitizer --tool "$tool" --error-exitcode 1 ./device --ignored --exact inside::one_energy
        done
        if [ "$reference" = 0 ]; then
            compute-sanitizer --tool memcheck --error-exitcode 1 \
                ./device --ignored --exact reference::fused::a_training_step_is_the_fused_one
        fi
    fi
    ./steps cuda:0
    all=$(nvidia-smi --query-gpu=index --format=csv,noheader | paste -sd,)
    if [[ $all == *,* ]]; then
        for test in several_devices_make_the_steps_of_one batches_smaller_than_the_devices divergence_halts_all; do
            SCOREMATCH_TEST_GPUS="0,1;$all" ./device --ignored --nocapture --exact "together::$test"
        done
        ./steps "cuda:$all"
    fi
    if python3 -c 'import jax, optax, folx, torch' 2>/dev/null; then
        for products in 3xtf32 tf32; do
            python3 peers.py --device cuda --ours './steps cuda:0' --products "$products" --markdown "peers-$products.md"
        done
    fi
    exit "$reference"
    ;;
*)
    echo "pack or run, not $verb" >&2
    exit 2
    ;;
esac
