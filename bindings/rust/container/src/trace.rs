//! Explain mode: every kernel call of a start, as it happens.
use std::ffi::c_void;
use std::sync::Arc;

use container_sys as sys;

use crate::callback::caught;
use crate::text::text_at;
use crate::{Step, TraceWho};

/// One kernel call of a start or join; see `ct_trace_event`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceEvent {
    /// Who made it.
    pub who: TraceWho,
    /// The process that made it, as the caller sees it.
    pub pid: i32,
    /// The step that it belongs to.
    pub step: Step,
    /// What the kernel answered; a negative errno is a failure.
    pub result: i64,
    /// When it began: CLOCK_MONOTONIC, in nanoseconds.
    pub at_ns: u64,
    /// How long it took, in nanoseconds.
    pub took_ns: u64,
    /// Its name.
    pub call: String,
    /// Its arguments, descriptors with what they are.
    pub arguments: String,
    /// What the step is about; may be empty.
    pub object: String,
    /// At the first call of a step the shell command that does the same, or close to it; else empty.
    pub shell: String,
}

/// The function that is told. A spec has it, and each container that is not started yet.
pub(crate) struct Trace(Box<dyn Fn(&TraceEvent) + Send + Sync>);

impl Trace {
    pub(crate) fn new(trace: impl Fn(&TraceEvent) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Trace(Box::new(trace)))
    }
}

pub(crate) unsafe extern "C" fn tell(event: *const sys::ct_trace_event, data: *mut c_void) {
    caught((), || {
        // Safety: C's for this call, and what Spec::trace() gave, which is kept as long as C may call this.
        let (event, trace) = unsafe { (&*event, &*data.cast::<Trace>()) };
        // Safety: no string of an event is anything but ended by NUL.
        let text = |pointer| unsafe { text_at(pointer) };
        (trace.0)(&TraceEvent {
            who: TraceWho(event.who),
            pid: event.pid,
            step: Step(event.step),
            result: event.result,
            at_ns: event.at_ns,
            took_ns: event.took_ns,
            call: text(event.call),
            arguments: text(event.arguments),
            object: text(event.object),
            shell: text(event.shell),
        })
    })
}
