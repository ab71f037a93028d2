use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        const WIDTH = 64;
        fn act(z) = z * sigmoid(z);
        fn half(a, b) = 0.5 * a;
        let h = dense(x, 16);
        half(norm_sq(x), 3)
    }
}

fn main() {}
