//! Memos of any type with the code of one: each type of Leptos' own memo brings 2 KB of Wasm.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{Get, GetUntracked, Signal};

/// A derived value; its readers run again only when it has changed.
pub struct Memo<T>(leptos::prelude::Memo<Held>, PhantomData<fn() -> T>);

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo of the values of `of`, which is given the last one.
    pub fn new(of: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        Self(memo(Box::new(move |before: Option<&Held>| Held(Arc::new(of(before.map(Held::value)))))), PhantomData)
    }

    /// Reads the value.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(self.0.get().value())
    }

    /// Reads the value without following it.
    pub fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(self.0.get_untracked().value())
    }

    /// The value.
    pub fn get(self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// The memo as a signal, for views.
    pub fn signal(self) -> Signal<T>
    where
        T: Clone,
    {
        Signal::derive(move || self.get())
    }

    /// The value, without following it.
    pub fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }
}

fn memo(of: Box<dyn Make>) -> leptos::prelude::Memo<Held> {
    leptos::prelude::Memo::new(move |before| of.make(before))
}

/// A closure as an object: smaller than one of std, which can be called in three ways.
trait Make: Send + Sync {
    fn make(&self, before: Option<&Held>) -> Held;
}

impl<F: Fn(Option<&Held>) -> Held + Send + Sync> Make for F {
    fn make(&self, before: Option<&Held>) -> Held {
        self(before)
    }
}

/// A value of any type; its memo has the type.
#[derive(Clone)]
struct Held(Arc<dyn Value>);

impl Held {
    fn value<T: 'static>(&self) -> &T {
        let value: &dyn Any = &*self.0;
        value.downcast_ref().expect("a memo holds values of its own type")
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(&*other.0)
    }
}

trait Value: Any + Send + Sync {
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: PartialEq + Send + Sync + 'static> Value for T {
    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}
