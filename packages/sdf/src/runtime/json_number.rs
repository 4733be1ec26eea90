//! Numbers in JSON: eight digits at a time while there are that many.

use super::json_fail::Fail;
use super::json_read::Reader;
use super::number;

/// Numbers of so many digits fit in u64, whatever the digits.
const SAFE_DIGITS: u32 = 19;
/// A number without exponent and with fewer digits is below the greatest f64 and f32 can be made from it.
const FINITE_DIGITS: u32 = 300;

impl<'a> Reader<'a> {
    /// Sign and magnitude of an integer.
    #[inline]
    pub fn integer(&mut self, expected: &str) -> Result<(bool, u64), Fail> {
        let negative = self.space() == b'-';
        let from = self.at;
        if negative {
            self.skip_bytes(1);
        }
        let first = self.byte();
        let mut value = 0u64;
        let count = self.digits(&mut value);
        if count == 0 {
            self.at = from;
            return Err(self.unexpected(expected));
        }
        if count > SAFE_DIGITS || (first == b'0' && count > 1) || matches!(self.byte(), b'.' | b'e' | b'E') {
            value = self.odd_integer(count, expected)?;
        }
        Ok((negative, value))
    }

    /// After the digits of an integer that is too long, has a leading zero, or goes on as another number.
    #[cold]
    fn odd_integer(&mut self, count: u32, expected: &str) -> Result<u64, Fail> {
        let digits = unsafe { std::slice::from_raw_parts(self.at.sub(count as usize), count as usize) };
        if digits[0] == b'0' && count > 1 {
            self.at = unsafe { self.at.sub(count as usize - 1) };
            return Err(self.fail("invalid JSON: leading zero"));
        }
        let value = unsafe { std::str::from_utf8_unchecked(digits) }.parse::<u64>();
        let value = value.map_err(|_| self.out_of_range(expected))?;
        if matches!(self.byte(), b'.' | b'e' | b'E') {
            return Err(self.fail(&format!("invalid type: expected {}, found a number with a fraction or exponent", expected)));
        }
        Ok(value)
    }

    #[cold]
    pub fn out_of_range(&self, expected: &str) -> Fail {
        self.fail(&format!("number out of range for {}", expected))
    }

    pub fn float(&mut self, expected: &str) -> Result<f64, Fail> {
        let first = self.space();
        let from = self.at;
        if first != b'-' && !first.is_ascii_digit() {
            return Err(self.unexpected(expected));
        }
        let (mantissa, exponent, digits) = self.decimal()?;
        let fast = if digits <= SAFE_DIGITS { number::float(mantissa, exponent) } else { None };
        let value = match fast {
            Some(value) => {
                if first == b'-' {
                    -value
                } else {
                    value
                }
            }
            None => {
                let text = unsafe { std::slice::from_raw_parts(from, self.at as usize - from as usize) };
                let text = unsafe { std::str::from_utf8_unchecked(text) };
                text.parse::<f64>().map_err(|_| self.fail("invalid number"))?
            }
        };
        if value.is_infinite() {
            return Err(self.out_of_range(expected));
        }
        Ok(value)
    }

    /// The checks of `float` without its arithmetic.
    pub fn check_float(&mut self, expected: &str) -> Result<(), Fail> {
        let first = self.space();
        let from = self.at;
        if first == b'-' {
            self.skip_bytes(1);
        }
        let (zero, whole) = (self.byte() == b'0', self.count_digits());
        let mut count = whole;
        let mut sound = whole > 0 && !(zero && whole > 1);
        if self.byte() == b'.' {
            self.skip_bytes(1);
            let fraction = self.count_digits();
            sound &= fraction > 0;
            count += fraction;
        }
        if sound && count < FINITE_DIGITS && !matches!(self.byte(), b'e' | b'E') {
            return Ok(());
        }
        self.at = from;
        self.float(expected).map(|_| ())
    }

    /// Digits as an integer, the power of ten, and the number of digits: beyond `SAFE_DIGITS` the integer has overflowed.
    pub(super) fn decimal(&mut self) -> Result<(u64, i32, u32), Fail> {
        if self.byte() == b'-' {
            self.skip_bytes(1);
        }
        let leading_zero = self.byte() == b'0';
        let mut mantissa = 0u64;
        let whole = self.some_digits(&mut mantissa)?;
        if leading_zero && whole > 1 {
            return Err(self.fail("invalid JSON: leading zero"));
        }
        let mut count = whole;
        let mut exponent = 0i32;
        if self.byte() == b'.' {
            self.skip_bytes(1);
            let fraction = self.some_digits(&mut mantissa)?;
            exponent -= fraction as i32;
            count += fraction;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.skip_bytes(1);
            let negative = self.byte() == b'-';
            if matches!(self.byte(), b'+' | b'-') {
                self.skip_bytes(1);
            }
            let mut power = 0u64;
            if self.some_digits(&mut power)? > SAFE_DIGITS {
                power = u64::MAX;
            }
            let power = power.min(100_000) as i32;
            exponent += if negative { -power } else { power };
        }
        Ok((mantissa, exponent, count))
    }

    #[inline]
    fn some_digits(&mut self, value: &mut u64) -> Result<u32, Fail> {
        let count = self.digits(value);
        if count == 0 {
            return Err(self.fail("invalid JSON: expected a digit"));
        }
        Ok(count)
    }

    /// Appends digits to `value` and returns how many there were.
    #[inline(always)]
    fn digits(&mut self, value: &mut u64) -> u32 {
        let mut count = 0;
        loop {
            let word = unsafe { std::ptr::read_unaligned(self.at as *const u64) };
            if !are_digits(word) {
                break;
            }
            *value = value.wrapping_mul(100_000_000).wrapping_add(eight_digits(word));
            self.skip_bytes(8);
            count += 8;
        }
        loop {
            let digit = self.byte().wrapping_sub(b'0');
            if digit > 9 {
                return count;
            }
            *value = value.wrapping_mul(10).wrapping_add(digit as u64);
            self.skip_bytes(1);
            count += 1;
        }
    }

    #[inline(always)]
    fn count_digits(&mut self) -> u32 {
        let mut count = 0;
        while self.byte().wrapping_sub(b'0') <= 9 {
            self.skip_bytes(1);
            count += 1;
        }
        count
    }
}

#[inline(always)]
fn are_digits(word: u64) -> bool {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    let above_nine = word.wrapping_add(0x0606_0606_0606_0606) & HIGH;
    ((word & HIGH) | (above_nine >> 4)) == 0x3333_3333_3333_3333
}

/// Sums neighbours: digits to pairs, pairs to fours, fours to the number.
#[inline(always)]
fn eight_digits(word: u64) -> u64 {
    const PAIRS: u64 = 0x0000_00FF_0000_00FF;
    let digits = word.wrapping_sub(0x3030_3030_3030_3030);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (pairs & PAIRS).wrapping_mul(0x000F_4240_0000_0064);
    let low = (pairs >> 16 & PAIRS).wrapping_mul(0x0000_2710_0000_0001);
    high.wrapping_add(low) >> 32
}
