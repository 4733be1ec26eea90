//! Numbers as JSON text: exact integers up to 64 bits, floats as serde_json writes them.

use super::copy::append;

/// 10^0 to 10^22 are exact in f64, which is what makes the fast path of `float` exact.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
const MANTISSA_MAX: u64 = 1 << 53;

/// The nearest f64 to `mantissa * 10^exponent`, when it can be had with one exact operation.
pub fn float(mantissa: u64, exponent: i32) -> Option<f64> {
    if mantissa > MANTISSA_MAX {
        return None;
    }
    let m = mantissa as f64;
    match exponent {
        0..=22 => Some(m * POWERS[exponent as usize]),
        -22..=-1 => Some(m / POWERS[-exponent as usize]),
        _ => None,
    }
}

/// Of the longest u64.
const DIGITS_OF_U64: usize = 20;

pub fn write_u64(out: &mut Vec<u8>, value: u64) {
    if value < 10 {
        out.push(b'0' + value as u8);
        return;
    }
    let mut digits = [0u8; DIGITS_OF_U64];
    let mut at = DIGITS_OF_U64;
    let mut rest = value;
    while rest > u32::MAX as u64 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    // Divisions of 32 bits cost less.
    let mut rest = rest as u32;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    append(out, &digits[at..]);
}

pub fn write_i64(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    write_u64(out, value.unsigned_abs());
}

/// Shortest text that reads back equal, with `.0` for whole numbers; not-a-number and infinities become null.
pub fn write_f64(out: &mut Vec<u8>, value: f64) {
    use std::io::Write;
    if !value.is_finite() {
        out.extend_from_slice(b"null");
    } else if value == value.trunc() && value.abs() < 1e15 {
        if value.is_sign_negative() {
            out.push(b'-');
        }
        write_u64(out, value.abs() as u64);
        out.extend_from_slice(b".0");
    } else if !write_decimal(out, value) {
        let _ = write!(out, "{:?}", value);
    }
}

/// Up to this many digits every decimal has an f64 of its own, so the one found here is the shortest.
const DIGITS_MAX: f64 = 1e15;
const PLACES_MAX: usize = 3;

/// Numbers of few places, as measurements and prices are; false when it is another one.
fn write_decimal(out: &mut Vec<u8>, value: f64) -> bool {
    for places in 1..=PLACES_MAX {
        let scaled = (value.abs() * POWERS[places]).round();
        if scaled < DIGITS_MAX && scaled / POWERS[places] == value.abs() {
            if value < 0.0 {
                out.push(b'-');
            }
            let (scaled, unit) = (scaled as u64, POWERS[places] as u64);
            write_u64(out, scaled / unit);
            out.push(b'.');
            let mut rest = scaled % unit;
            for place in (0..places).rev() {
                let unit = POWERS[place] as u64;
                out.push(b'0' + (rest / unit) as u8);
                rest %= unit;
            }
            return true;
        }
    }
    false
}

pub fn write_f32(out: &mut Vec<u8>, value: f32) {
    use std::io::Write;
    if !value.is_finite() {
        out.extend_from_slice(b"null");
    } else {
        let _ = write!(out, "{:?}", value);
    }
}
