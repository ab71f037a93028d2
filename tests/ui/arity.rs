use scorematch::energy;

energy! {
    pub Net(x: [3]) {
        fn gate(a, b) = a * sigmoid(b);
        let h = silu(dense(x));
        let k = gate(x);
        sum(pow(x)) + sum(h, x) + sum(k)
    }
}

fn main() {}
