use scorematch::energy;

energy! {
    pub Net(x: [100000]) {
        param w: [100000, 100000];
        sum(dense(x, 100000)) + sum(dot(w, x)) + sum(x * reshape(x, [-1, 1]))
    }
}

fn main() {}
