//! The guarantees of the routes: a file that backend and consumers follow (`--guarantee-file`).

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{ByRoute, Guarantee};

use crate::run::atomic_file;

/// The guarantees of one stack; the clones share them.
#[derive(Clone)]
pub struct Guarantees(Arc<(PathBuf, Mutex<ByRoute<Guarantee>>)>);

impl Guarantees {
    /// Writes the first guarantees to `file`, over those of an earlier run.
    pub fn start(file: PathBuf, routes: ByRoute<Guarantee>) -> io::Result<Self> {
        atomic_file::write(&file, &serde_json::to_string(&routes)?)?;
        Ok(Self(Arc::new((file, Mutex::new(routes)))))
    }

    /// The present guarantee of each route.
    pub fn now(&self) -> ByRoute<Guarantee> {
        *self.0.1.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the guarantees of these routes; the parts follow within 0.2 s.
    pub fn change(&self, given: ByRoute<Guarantee>) -> io::Result<ByRoute<Guarantee>> {
        let (file, routes) = &*self.0;
        let mut routes = routes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = *routes;
        given.into_iter().for_each(|(route, guarantee)| _ = changed.insert(route, guarantee));
        atomic_file::write(file, &serde_json::to_string(&changed)?)?;
        *routes = changed;
        Ok(changed)
    }
}
