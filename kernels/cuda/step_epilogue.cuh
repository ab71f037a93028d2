// The epilogue of a step that several devices share. It runs once each device holds the sums of all shares; every
// device makes the same update from the same sums. It depends on no model, only on the number n of parameters.

extern "C" __global__ void __launch_bounds__(THREADS, 1) end_shared_step(Arguments a, Training t, int i, int n) {
    const Grid grid(a.arrived);
    if (!t.records[i].halted) {
        end_step(a, t, grid, i, n);
    } else if (grid.thread() == 0) {
        t.records[i + 1] = t.records[i];
    }
}
