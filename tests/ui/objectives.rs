scorematch::energy! {
    #[objectives(esm, smm)]
    pub One(x: [2]) { 0.5 * norm_sq(x) }

    #[objectives(esm, dsm, esm)]
    pub Two(x: [2]) { 0.5 * norm_sq(x) }

    #[objectives(esm)]
    #[objectives(dsm)]
    pub Three(x: [2]) { 0.5 * norm_sq(x) }

    #[objectives = "esm"]
    pub Four(x: [2]) { 0.5 * norm_sq(x) }

    #[derive(Debug)]
    pub Five(x: [2]) { 0.5 * norm_sq(x) }
}

fn main() {}
