use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        let h = x;
        h = silu(dense(h, 8));
        k += 1;
        x[0] = 3;
        sum(h)
    }
}

fn main() {}
