use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        let a = 99999999999999999999 * x;
        let b = 1e999 * x;
        let c = 1.0f32 * x;
        let d = "text";
        sum(a + b + c) / 0
    }
}

fn main() {}
