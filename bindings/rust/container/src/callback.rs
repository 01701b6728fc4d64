//! Callbacks that C calls: a panic in one must not go through C. It waits, and goes on behind the call.
use std::any::Any;
use std::cell::RefCell;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

thread_local! {
    static PANIC: RefCell<Option<Box<dyn Any + Send>>> = RefCell::new(None);
}

/// What the callback gives; `otherwise` if it panics, or one has panicked already in this call.
pub(crate) fn caught<T>(otherwise: T, callback: impl FnOnce() -> T) -> T {
    if PANIC.with(|panic| panic.borrow().is_some()) {
        return otherwise;
    }
    catch_unwind(AssertUnwindSafe(callback)).unwrap_or_else(|payload| {
        PANIC.with(|panic| *panic.borrow_mut() = Some(payload));
        otherwise
    })
}

/// Goes on with the panic of a callback, if there was one. To be called when C has returned.
pub(crate) fn go_on() {
    if let Some(payload) = PANIC.with(|panic| panic.borrow_mut().take()) {
        resume_unwind(payload);
    }
}
