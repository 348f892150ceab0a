//! Frames as bytes, by a MessagePack reader that is nobody's client.

use std::io::{Cursor, ErrorKind};

use rmpv::Value;

/// What has come in and is no whole value yet.
#[derive(Default)]
pub struct Incoming(Vec<u8>);

/// It is no MessagePack, or nested beyond measure.
pub struct Garbage;

impl Incoming {
    pub fn extend(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next value, if it has come whole.
    pub fn next(&mut self) -> Result<Option<Value>, Garbage> {
        if self.0.first() == Some(&0xc1) {
            return Err(Garbage);
        }
        let mut cursor = Cursor::new(&self.0);
        match rmpv::decode::read_value_with_max_depth(&mut cursor, 64) {
            Ok(value) => {
                let end = cursor.position() as usize;
                self.0.drain(..end);
                Ok(Some(value))
            }
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(_) => Err(Garbage),
        }
    }
}

/// Bytes of a text or of anything else: the real server knows no difference.
pub fn raw(value: &Value) -> Option<&[u8]> {
    match value {
        Value::String(text) => Some(text.as_bytes()),
        Value::Binary(bytes) => Some(bytes),
        _ => None,
    }
}

/// A raw that holds these bytes.
pub fn bytes(bytes: &[u8]) -> Value {
    Value::Binary(bytes.to_vec())
}

/// Writes a value in the old form: bytes of all kinds are raws.
pub fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(_) | Value::Binary(_) => {
            let bytes = raw(value).unwrap_or_default();
            match bytes.len() {
                length @ ..32 => out.push(0xa0 | length as u8),
                length @ ..0x1_0000 => {
                    out.push(0xda);
                    out.extend((length as u16).to_be_bytes());
                }
                length => {
                    out.push(0xdb);
                    out.extend((length as u32).to_be_bytes());
                }
            }
            out.extend(bytes);
        }
        Value::Array(items) => {
            rmp::encode::write_array_len(out, items.len() as u32).expect("memory takes all");
            for item in items {
                write(item, out);
            }
        }
        Value::Map(pairs) => {
            rmp::encode::write_map_len(out, pairs.len() as u32).expect("memory takes all");
            for (key, it) in pairs {
                write(key, out);
                write(it, out);
            }
        }
        plain => rmpv::encode::write_value(out, plain).expect("memory takes all"),
    }
}
