//! The structures of fastgo.h, and what makes them pleasant in Rust.
#![allow(dead_code)]

use std::fmt;
use std::mem::size_of;
use std::os::raw::{c_char, c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::slice;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    data: *const u8,
    size: usize,
}

#[repr(C)]
pub struct Peer {
    pub address: [u8; 16],
    pub port: u16,
    pub family: u8,
    unused: [u8; 5],
}

#[repr(C)]
pub struct Request {
    functions: *const Functions,
    method: Bytes,
    path: Bytes,
    query: Bytes,
    header: Bytes,
    body: Bytes,
    pub peer: Peer,
    param_count: usize,
    param_names: *const Bytes,
    param_values: *const Bytes,
    pub data_size: usize,
    arena: *mut c_void,
}

#[repr(C)]
pub struct Response {
    functions: *const Functions,
    body: *mut c_char,
    size: usize,
    room: usize,
    content_type: Bytes,
    fields: *mut c_char,
    fields_size: usize,
    fields_room: usize,
    failure: *const c_char,
    is_static: u8,
    reserved: u8,
    unused: [u8; 6],
    arena: *mut c_void,
}

type Read<K, T> = extern "C" fn(*const Request, *mut Response, K, *mut T) -> c_int;
type Name = *const c_char;

#[repr(C)]
struct Functions {
    abi: u32,
    size: u32,
    alloc: extern "C" fn(*const Request, usize) -> *mut c_void,
    param: Read<Name, Bytes>,
    param_int64: Read<Name, i64>,
    param_double: Read<Name, f64>,
    param_at: Read<usize, Bytes>,
    param_int64_at: Read<usize, i64>,
    param_double_at: Read<usize, f64>,
    query: Read<Name, Bytes>,
    query_int64: Read<Name, i64>,
    query_double: Read<Name, f64>,
    header: extern "C" fn(*const Request, Name, *mut Bytes) -> c_int,
    content_type: extern "C" fn(*mut Response, Name) -> c_int,
    add_header: extern "C" fn(*mut Response, Name, Name) -> c_int,
    write: extern "C" fn(*mut Response, *const u8, usize) -> c_int,
    write_static: extern "C" fn(*mut Response, *const u8, usize) -> c_int,
    vprintf: *const c_void, // for C alone
    reserve: extern "C" fn(*mut Response, usize) -> *mut c_void,
    commit: extern "C" fn(*mut Response, usize),
    fail: extern "C" fn(*mut Response, Name) -> c_int,
}

const ABI: u64 = 1;
const _: () = assert!(size_of::<Request>() == 152 && size_of::<Response>() == 96);

/// Lets fastgo refuse this library where its header has another layout.
#[no_mangle]
#[allow(non_upper_case_globals)]
pub static fastgo_layout: u64 = ABI << 48
    | (size_of::<Request>() as u64) << 32
    | (size_of::<Response>() as u64) << 16
    | size_of::<Functions>() as u64;

impl Request {
    pub fn body(&self) -> &[u8] {
        // SAFETY: the bytes are the handler's while the request is.
        match self.body.size {
            0 => &[],
            size => unsafe { slice::from_raw_parts(self.body.data, size) },
        }
    }

    /// A parameter of the path; `name` ends with NUL. Err is what the handler should return.
    pub fn param_i64(&self, response: &mut Response, name: &'static [u8]) -> Result<i64, c_int> {
        assert_eq!(name.last(), Some(&0));
        let mut value = 0;
        // SAFETY: the table lives as long as the process.
        match unsafe {
            ((*self.functions).param_int64)(self, response, name.as_ptr().cast(), &mut value)
        } {
            0 => Ok(value),
            status => Err(status),
        }
    }
}

/// For `write!`. What fails makes the answer a 500 by itself.
impl fmt::Write for Response {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: as above.
        match unsafe { ((*self.functions).write)(self, text.as_ptr(), text.len()) } {
            0 => Ok(()),
            _ => Err(fmt::Error),
        }
    }
}

/// Runs a handler. A panic must not leave it: it is a 500, and logged.
///
/// # Safety
/// Both pointers are those that fastgo gave.
pub unsafe fn run(
    request: *const Request,
    response: *mut Response,
    handler: fn(&Request, &mut Response) -> Result<c_int, c_int>,
) -> c_int {
    match catch_unwind(AssertUnwindSafe(|| handler(&*request, &mut *response))) {
        Ok(Ok(status)) | Ok(Err(status)) => status,
        Err(_) => {
            ((*(*response).functions).fail)(response, b"the handler panicked\0".as_ptr().cast())
        }
    }
}
