use scorematch::energy;

const H: usize = 64;

energy! {
    pub Net(x: [2]) {
        dense(tanh(dense(x, H)), 1)
    }
}

fn main() { println!("{H}") }
