use scorematch::energy;

energy! {
    pub Net(x: [12]) {
        param w: [12, 20] = normal(0.1);
        param v: [11];
        param s: [];
        sum(dot(w, x)) + dot(v, x) + sum(dot(s, x))
    }
}

fn main() {}
