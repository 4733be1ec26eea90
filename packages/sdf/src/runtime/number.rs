//! Numbers as JSON text: exact integers up to 64 bits, floats as serde_json writes them.

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

pub fn write_u64(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = 20;
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
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
    } else {
        let _ = write!(out, "{:?}", value);
    }
}

pub fn write_f32(out: &mut Vec<u8>, value: f32) {
    use std::io::Write;
    if !value.is_finite() {
        out.extend_from_slice(b"null");
    } else {
        let _ = write!(out, "{:?}", value);
    }
}
