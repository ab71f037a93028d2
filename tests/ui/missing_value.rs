use scorematch::energy;

energy! {
    pub Empty(x: [6]) {
    }
    pub Semicolon(x: [6]) {
        let h = silu(dense(x, 64));
        dense(h, 1);
    }
    pub Function(x: [6]) {
        fn f(z) { let _y = sq(z); }
        f(x)
    }
}

fn main() {}
