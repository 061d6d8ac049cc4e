//! Handlers in Rust.
mod fastgo;

use fastgo::{run, Request, Response};
use std::fmt::Write;
use std::os::raw::{c_int, c_void};

// A handler must not run for long: this takes less than a millisecond.
const MOST: i64 = 1_000_000;

#[no_mangle]
pub unsafe extern "C" fn fibonacci(
    request: *const Request,
    response: *mut Response,
    _: *mut c_void,
) -> c_int {
    run(request, response, |request, response| {
        let n = request.param_i64(response, b"n\0")?;
        if !(0..=MOST).contains(&n) {
            let _ = writeln!(response, "n must be 0 to {MOST}");
            return Err(400);
        }
        let (mut a, mut b) = (0u32, 1u32);
        for _ in 0..n / 2 {
            // By twos, which needs no copies.
            a = a.wrapping_add(b);
            b = b.wrapping_add(a);
        }
        let result = if n % 2 == 0 { a } else { b };
        let _ = writeln!(response, "Fibonacci({n}) = {result} (with overflow)");
        Ok(200)
    })
}

#[no_mangle]
pub unsafe extern "C" fn words(
    request: *const Request,
    response: *mut Response,
    _: *mut c_void,
) -> c_int {
    run(request, response, |request, response| {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
        let count = request
            .body()
            .split(is_space)
            .filter(|word| !word.is_empty())
            .count();
        let _ = writeln!(response, "{count}");
        Ok(200)
    })
}
