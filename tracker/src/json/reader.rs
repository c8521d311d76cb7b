//! Reads JavaScript's values with less code for each type than serde usually makes.
//!
//! serde derives two ways to read a struct. The one by the names of the fields is long: a loop, a state for each field,
//! and a comparison with each name. The one by their order is a line for each field. So this reader gives a struct its
//! fields in their order, and an enum the number of its variant.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use js_sys::{Array, Number, Object, Reflect};
use serde::Deserializer;
use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

type Names = &'static [&'static str];
type Keys = Rc<[JsValue]>;

/// A value to read. A field that is unknown to its struct is passed over.
pub(super) struct Reader(pub(super) JsValue);

/// Why a value cannot be read. It names no types, because their names would have to be downloaded.
#[derive(Debug)]
pub(super) struct Fault(Cow<'static, str>);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self(why.to_string().into())
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        WRONG
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        WRONG
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        MISSING
    }

    fn missing_field(_: &'static str) -> Self {
        MISSING
    }

    fn duplicate_field(_: &'static str) -> Self {
        WRONG
    }

    fn unknown_field(_: &str, _: Names) -> Self {
        WRONG
    }

    fn unknown_variant(_: &str, _: Names) -> Self {
        WRONG
    }
}

const WRONG: Fault = Fault(Cow::Borrowed("a value is of another kind"));
const MISSING: Fault = Fault(Cow::Borrowed("a value is missing"));

impl Reader {
    fn is_nothing(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    fn list(self) -> Result<Items, Fault> {
        Ok(Items { list: self.0.dyn_into().map_err(|_| WRONG)?, at: 0 })
    }

    fn entries(&self) -> Result<Items, Fault> {
        let object: &Object = self.0.dyn_ref().ok_or(WRONG)?;
        Ok(Items { list: Object::entries(object), at: 0 })
    }

    fn fields(self, names: Names) -> Result<Fields, Fault> {
        let is_struct = self.0.is_object() && !Array::is_array(&self.0);
        if is_struct { Ok(Fields { object: self.0, keys: keys(names), at: 0 }) } else { Err(WRONG) }
    }

    /// A variant is its name, or an object with its name and its content.
    fn variant(self, names: Names) -> Result<Variant, Fault> {
        let (name, content) = match self.0.as_string() {
            Some(name) => (name, JsValue::UNDEFINED),
            None => {
                let entries = self.entries()?;
                if entries.list.length() != 1 {
                    return Err(WRONG);
                }
                let (name, content) = entries.pair(0);
                (name.as_string().ok_or(WRONG)?, content)
            }
        };
        let number = names.iter().position(|known| *known == name).ok_or(WRONG)?;
        Ok(Variant { number: number as u32, content: Self(content) })
    }
}

/// A whole number that JavaScript can tell from its neighbours.
fn whole(number: f64) -> Option<i64> {
    let is_whole = number.trunc() == number && number.abs() <= Number::MAX_SAFE_INTEGER;
    is_whole.then_some(number as i64)
}

/// All these methods read the same way.
macro_rules! alike {
    ($($method:ident)* => $to:ident) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.$to(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Fault;

    /// JSON has no `undefined`: it stands for a field that is missing, and is refused here.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.is_null() {
            visitor.visit_unit()
        } else if let Some(value) = self.0.as_bool() {
            visitor.visit_bool(value)
        } else if let Some(value) = self.0.as_f64() {
            match whole(value) {
                Some(value) => visitor.visit_i64(value),
                None => visitor.visit_f64(value),
            }
        } else if let Some(value) = self.0.as_string() {
            visitor.visit_string(value)
        } else if Array::is_array(&self.0) {
            self.deserialize_seq(visitor)
        } else {
            self.deserialize_map(visitor)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_bool(self.0.as_bool().ok_or(WRONG)?)
    }

    // serde turns it into any kind of whole number, if it fits.
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_i64(self.0.as_f64().and_then(whole).ok_or(WRONG)?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_f64(self.0.as_f64().ok_or(WRONG)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.0.as_string().ok_or(WRONG)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(self.list()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(self.entries()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, names: Names, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(self.fields(names)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, names: Names, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_enum(self.variant(names)?)
    }

    alike!(deserialize_i8 deserialize_i16 deserialize_i32 => deserialize_i64);
    alike!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => deserialize_i64);
    alike!(deserialize_f32 => deserialize_f64);
    alike!(deserialize_str deserialize_char deserialize_identifier => deserialize_string);
    forward_to_deserialize_any! { bytes byte_buf unit unit_struct tuple_struct ignored_any }
}

/// The items of a list, or the pairs of an object.
struct Items {
    list: Array,
    at: u32,
}

impl Items {
    fn next(&mut self) -> Option<JsValue> {
        let at = self.at;
        self.at += 1;
        (at < self.list.length()).then(|| self.list.get(at))
    }

    fn pair(&self, at: u32) -> (JsValue, JsValue) {
        let pair: Array = self.list.get(at).unchecked_into();
        (pair.get(0), pair.get(1))
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        self.next().map(|item| seed.deserialize(Reader(item))).transpose()
    }
}

impl<'de> MapAccess<'de> for Items {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.next().map(|pair| seed.deserialize(Reader(pair.unchecked_into::<Array>().get(0)))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(Reader(self.pair(self.at - 1).1))
    }
}

/// The fields of a struct, in their order.
struct Fields {
    object: JsValue,
    keys: Keys,
    at: usize,
}

impl Fields {
    fn next(&mut self) -> JsValue {
        let value = self.keys.get(self.at).and_then(|key| Reflect::get(&self.object, key).ok());
        self.at += 1;
        value.unwrap_or_default()
    }
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let value = self.next();
        let is_missing = value.is_undefined();
        match seed.deserialize(Reader(value)) {
            // serde takes the default of the field, or else refuses the struct.
            Err(_) if is_missing => Ok(None),
            read => read.map(Some),
        }
    }
}

/// The names as JavaScript's strings; each list is turned into them once.
fn keys(names: Names) -> Keys {
    thread_local! {
        static KNOWN: RefCell<Vec<(Names, Keys)>> = const { RefCell::new(Vec::new()) };
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some((_, keys)) = known.iter().find(|(other, _)| std::ptr::eq(*other, names)) {
            return keys.clone();
        }
        let keys: Keys = names.iter().map(|name| JsValue::from_str(name)).collect();
        known.push((names, keys.clone()));
        keys
    })
}

/// A variant, by its number.
struct Variant {
    number: u32,
    content: Reader,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Fault;
    type Variant = Reader;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Reader), Fault> {
        Ok((seed.deserialize(U32Deserializer::new(self.number))?, self.content))
    }
}

impl<'de> VariantAccess<'de> for Reader {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        if self.is_nothing() { Ok(()) } else { Err(WRONG) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, names: Names, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_struct("", names, visitor)
    }
}
