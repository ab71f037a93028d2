use scorematch::energy;

energy! {
    pub Net(x: [4]) {
        param w: [4];
        param v: [4] as "w";
        let h = tanh(dense(x, 8) as "net.0");
        dense(tanh(dense(h, 8) as "net.0"), 1) + dot(w + v, x)
    }
}

fn main() {}
