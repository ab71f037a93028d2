use scorematch::energy;

energy! {
    /// Mistakes of different kinds, all in one build.
    pub Net(x: [12]) {
        param w: [20, 11] = normal(0.1);
        param unused: [3];
        let s = exp(log_sigma);
        let h = softpluss(dot(w, x));
        let k = dense(x, 0);
        let last = 3 +;
        sum(x - [1, 2]) + sum(k)
    }
    pub Second(y: [2]) {
        sum(y, axs = 0) + z
    }
}

fn main() {}
