//! Where tests cut a client's life short: right before and right after a commit. Costs nothing in other builds.

use crate::store::StoreError;

/// The hook of a test and whether it struck.
#[derive(Default)]
pub(crate) struct CrashPoints {
    #[cfg(feature = "test-hooks")]
    hook: Option<Box<dyn FnMut() -> bool + Send>>,
    #[cfg(feature = "test-hooks")]
    struck: bool,
}

#[cfg(feature = "test-hooks")]
impl CrashPoints {
    pub(crate) fn set(&mut self, hook: impl FnMut() -> bool + Send + 'static) {
        self.hook = Some(Box::new(hook));
    }

    /// Refuses to go on after a crash.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.struck {
            Err(StoreError::Crashed)
        } else {
            Ok(())
        }
    }

    /// Asks the hook whether this is the end.
    pub(crate) fn strike(&mut self) -> Result<(), StoreError> {
        self.struck = self.hook.as_mut().is_some_and(|hook| hook());
        self.check()
    }
}

#[cfg(not(feature = "test-hooks"))]
impl CrashPoints {
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }

    pub(crate) fn strike(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
