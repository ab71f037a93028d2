use scorematch::energy;

energy! {}

energy! {
    const H = 3;
}

fn main() {}
