//! A map from routes to values: an array of three, since there are three routes.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Route;

/// A value for each route, or none; on the wire an object with the routes' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByRoute<T>([Option<T>; 3]);

impl<T> ByRoute<T> {
    /// An empty map.
    pub const fn new() -> Self {
        Self([None, None, None])
    }

    /// The value of a route.
    pub const fn get(&self, route: Route) -> Option<&T> {
        self.0[route as usize].as_ref()
    }

    /// Sets a route's value and returns the value before.
    pub const fn insert(&mut self, route: Route, item: T) -> Option<T> {
        self.0[route as usize].replace(item)
    }

    /// The value of a route, the default if there is none.
    pub fn get_or_default(&mut self, route: Route) -> &mut T
    where
        T: Default,
    {
        self.0[route as usize].get_or_insert_default()
    }

    /// Whether no route has a value.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// The routes with a value, and their values, in the routes' order.
    pub fn iter(&self) -> impl Iterator<Item = (Route, &T)> {
        Route::ALL.into_iter().zip(&self.0).filter_map(|(route, item)| Some((route, item.as_ref()?)))
    }

    /// The routes with a value, in their order.
    pub fn keys(&self) -> impl Iterator<Item = Route> {
        self.iter().map(|(route, _)| route)
    }

    /// The values, in the routes' order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }
}

impl<T> Default for ByRoute<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> std::ops::Index<Route> for ByRoute<T> {
    type Output = T;

    /// Panics if the route has no value.
    fn index(&self, route: Route) -> &T {
        self.get(route).expect("the route has a value")
    }
}

impl<T> FromIterator<(Route, T)> for ByRoute<T> {
    fn from_iter<I: IntoIterator<Item = (Route, T)>>(items: I) -> Self {
        let mut all = Self::new();
        items.into_iter().for_each(|(route, item)| _ = all.insert(route, item));
        all
    }
}

impl<T, const N: usize> From<[(Route, T); N]> for ByRoute<T> {
    fn from(items: [(Route, T); N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T> IntoIterator for ByRoute<T> {
    type Item = (Route, T);
    type IntoIter = std::iter::FilterMap<
        std::iter::Zip<std::array::IntoIter<Route, 3>, std::array::IntoIter<Option<T>, 3>>,
        fn((Route, Option<T>)) -> Option<(Route, T)>,
    >;

    fn into_iter(self) -> Self::IntoIter {
        Route::ALL.into_iter().zip(self.0).filter_map(|(route, item)| Some((route, item?)))
    }
}

impl<T: Serialize> Serialize for ByRoute<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByRoute<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Routes<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Routes<T> {
            type Value = ByRoute<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the names of routes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByRoute<T>, A::Error> {
                let mut all = ByRoute::new();
                while let Some((route, item)) = map.next_entry()? {
                    all.insert(route, item);
                }
                Ok(all)
            }
        }

        from.deserialize_map(Routes(PhantomData))
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for ByRoute<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        std::collections::BTreeMap::<Route, T>::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let each = generator.subschema_for::<T>();
        let routes = Route::ALL.map(|route| (route.name().to_owned(), each.clone().into()));
        let routes: serde_json::Map<String, serde_json::Value> = routes.into_iter().collect();
        schemars::json_schema!({"type": "object", "properties": routes, "additionalProperties": false})
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_wire_it_is_an_object_in_the_routes_order() {
        let all: ByRoute<u32> = [(Route::Kafka, 3), (Route::HttpPush, 1)].into();
        let json = serde_json::to_string(&all).unwrap();
        assert_eq!(json, r#"{"http-push":1,"kafka":3}"#);
        assert_eq!(serde_json::from_str::<ByRoute<u32>>(&json).unwrap(), all);
        assert!(serde_json::from_str::<ByRoute<u32>>(r#"{"pigeon":1}"#).is_err());
    }

    #[test]
    fn each_route_has_its_own_value() {
        let mut all = ByRoute::new();
        assert!(all.is_empty());
        *all.get_or_default(Route::HttpPoll) += 2;
        assert_eq!((all.insert(Route::HttpPoll, 5), all.get(Route::Kafka)), (Some(2), None));
        *all.get_or_default(Route::HttpPoll) += 1;
        assert_eq!((all[Route::HttpPoll], all.keys().collect::<Vec<_>>()), (6, vec![Route::HttpPoll]));
        assert_eq!(all.into_iter().collect::<Vec<_>>(), [(Route::HttpPoll, 6)]);
    }
}
