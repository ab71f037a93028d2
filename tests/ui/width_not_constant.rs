use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        let n = norm_sq(x);
        let h = dense(x, n);
        let k = dense(x, 2.5);
        let m = dense(x, -3);
        sum(h) + sum(k) + sum(m) + x[n]
    }
}

fn main() {}
