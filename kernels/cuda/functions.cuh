// Elementary functions of float32 beyond those of the language, written so that no intermediate overflows and no lane
// takes a slow path.

INLINE float square(float x) { return x * x; }

// x^n for n > 0, by repeated squaring.
template <int N>
INLINE float power(float x) {
    float result = 1.0f, factor = x;
#pragma unroll
    for (int n = N; n > 0; n /= 2) {
        if (n % 2 == 1) result *= factor;
        factor *= factor;
    }
    return result;
}

// e^x / (1 + e^x), by the exponential of -|x|.
INLINE float sigmoid(float x) {
    const float e = expf(-fabsf(x));
    return __fdividef(x < 0.0f ? e : 1.0f, 1.0f + e);
}

// sigmoid(-|x|) with the sign of x: every function of a sigmoid follows from it without cancellation.
INLINE float gate(float x) {
    const float e = expf(-fabsf(x));
    return copysignf(__fdividef(e, 1.0f + e), x);
}

// sigmoid(x) of the gate of x
INLINE float gate_sigmoid(float g) { return (__float_as_int(g) < 0 ? 0.0f : 1.0f) - g; }

// sigmoid(x) sigmoid(-x) of the gate of x
INLINE float gate_slope(float g) { return fmaf(-g, g, fabsf(g)); }

// tanh(softplus(x))
INLINE float mish_gate(float x) {
    const float g = gate(x), below = gate_sigmoid(-g);
    return gate_sigmoid(g) * (1.0f + below) / fmaf(below, below, 1.0f);
}

// 1 / cosh^2 x
INLINE float tanh_slope(float x) {
    const float e = expf(-2.0f * fabsf(x)), d = 1.0f + e;
    return 4.0f * e / (d * d);
}

// e^(-x^2) and e^(-x^2/2). What rounding takes from the square is added to the exponent.
INLINE float gauss(float x) {
    const float m = fminf(fabsf(x), 16.0f), square = __fmul_rn(m, m);
    return x == x ? expf(-square) * (1.0f - __fmaf_rn(m, m, -square)) : x;
}

INLINE float half_gauss(float x) {
    const float m = fminf(fabsf(x), 16.0f), square = __fmul_rn(m, m);
    return x == x ? expf(-0.5f * square) * (1.0f - 0.5f * __fmaf_rn(m, m, -square)) : x;
}

// e^(m^2/2) Phi(-m) / t by t = 1 / (1 + m/4)
INLINE float tail_series(float t) {
    const float s = t - 0.625f;
    float p = -0.0123429502f;
    p = fmaf(p, s, 0.013546897f);
    p = fmaf(p, s, 0.0347499835f);
    p = fmaf(p, s, -0.0282214486f);
    p = fmaf(p, s, -0.0928784989f);
    p = fmaf(p, s, 0.00323641961f);
    p = fmaf(p, s, 0.26292142f);
    p = fmaf(p, s, 0.500665519f);
    p = fmaf(p, s, 0.550619835f);
    p = fmaf(p, s, 0.420168582f);
    p = fmaf(p, s, 0.233653031f);
    return p;
}

// The normal distribution function; below the mean by its own polynomial, so that no tail is a difference from 1.
INLINE float normal_cdf(float x) {
    const float m = fminf(fabsf(x), 64.0f), t = 1.0f / fmaf(m, 0.25f, 1.0f);
    const float tail = half_gauss(x) * (t * tail_series(t));
    return x < 0.0f ? tail : 1.0f - tail;
}

// ln(1 + e^x)
INLINE float softplus(float x) { return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x))); }

// ln cosh x = ln(1 + u^2 / (2 (1 + u))) with u = e^|x| - 1: no cancellation near 0; |x| - ln 2 far out.
INLINE float logcosh(float x) {
    const float size = fabsf(x), u = expm1f(fminf(size, 10.0f));
    return size > 10.0f ? size - 0.693147181f : log1pf(u * u / (2.0f * (1.0f + u)));
}

INLINE float step(float x) { return x > 0.0f ? 1.0f : 0.0f; }

INLINE float sign(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : 0.0f; }

// sin(|x| + shift pi/2) for the integer shift: |x| = n pi/2 + r, in parts of pi/2 that n multiplies exactly (Cody and
// Waite 1980), and polynomials in r. Operations that must not be contracted are written as functions: the results are
// those of the host's vectors, bit for bit. Beyond 12000 the reduction loses digits.
INLINE float of_quadrant(float size, int shift) {
    const float shifted = __fmaf_rn(size, 0.636619772f, 12582912.0f);
    const float n = __fsub_rn(shifted, 12582912.0f);
    float r = __fmaf_rn(n, -1.5703125f, size);
    r = __fmaf_rn(n, -4.837512969970703e-4f, r);
    r = __fmaf_rn(n, -7.549533620476723e-8f, r);
    r = __fmaf_rn(n, -2.5632829192545614e-12f, r);
    r = __fmaf_rn(n, -6.123234262925839e-17f, r);
    const float z = __fmul_rn(r, r);
    const float s = __fmaf_rn(-0.00019518105546012520f, __fmul_rn(z, z),
                              __fmaf_rn(0.0083321882411837580f, z, -0.16666655242443085f));
    const float sine = __fmaf_rn(__fmul_rn(r, z), s, r);
    const float half = __fmul_rn(0.5f, z), near = __fsub_rn(1.0f, half);
    const float c = __fmaf_rn(2.4432172722299583e-5f, __fmul_rn(z, z),
                              __fmaf_rn(-0.0013887308305129409f, z, 0.041666645556688310f));
    const float rest = __fsub_rn(__fsub_rn(1.0f, near), half);
    const float cosine = __fadd_rn(near, __fmaf_rn(__fmul_rn(z, z), c, rest));
    const int quadrant = (__float_as_int(shifted) + shift) & 3;
    const float value = quadrant % 2 == 0 ? sine : cosine;
    return quadrant < 2 ? value : -value;
}

INLINE float sine(float x) {
    const float value = of_quadrant(fabsf(x), 0);
    return x < 0.0f ? -value : value;
}

INLINE float cosine(float x) { return of_quadrant(fabsf(x), 1); }
