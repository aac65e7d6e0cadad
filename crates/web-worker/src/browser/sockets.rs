//! The connections to the server that stand or are being made, at most one of each service.

use std::{collections::BTreeMap, rc::Rc};

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use undertone_engine::{Effect, Input, Service};
use undertone_web_worker::Generations;
use undertone_wire::time::SECOND_MS;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{BinaryType, MessageEvent, WebSocket};

use super::alarm::Alarm;

/// How long it may take to connect, TLS and HTTP included.
const CONNECT_MS: u64 = 20 * SECOND_MS;

/// What a connection tells.
pub enum Told {
    /// It stands.
    Stands,
    /// A frame came.
    Frame(Bytes),
    /// It ended, could not be made, or is of no use.
    Ended,
}

/// Where connections tell what happens to them, with their generation.
pub type Tell = Rc<dyn Fn(Service, u64, Told)>;

struct Socket {
    socket: WebSocket,
    connecting: Alarm,
    _on_open: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut()>,
}

impl Drop for Socket {
    /// Nothing of it arrives any more: who would hear it goes with it.
    fn drop(&mut self) {
        self.connecting.stop();
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Refused only if it is closing already.
        let _ = self.socket.close();
    }
}

/// All connections to one server.
pub struct Sockets {
    /// The server's address, as WebSockets write it.
    base: String,
    tell: Tell,
    generations: Generations,
    open: BTreeMap<Service, Socket>,
}

impl Sockets {
    /// Without a connection yet, to the server at `origin`.
    pub fn new(origin: &str, tell: Tell) -> Self {
        // From http to ws, from https to wss.
        let rest = origin.strip_prefix("http").unwrap_or_default();
        Self {
            base: format!("ws{rest}"),
            tell,
            generations: Generations::new(),
            open: BTreeMap::new(),
        }
    }

    /// Does what the engine wants.
    pub fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Connect(service) => self.connect(service),
            Effect::Send(service, bytes) => {
                // If it has just ended, the engine is about to hear of it and asks anew.
                if let Some(open) = self.open.get(&service) {
                    let _ = open.socket.send_with_u8_array(&bytes);
                }
            }
            Effect::Disconnect(service) => self.disconnect(service),
        }
    }

    /// What the engine is to be told, if the connection that tells it is still wanted.
    pub fn hear(&mut self, service: Service, generation: u64, told: Told) -> Option<Input> {
        if !self.generations.counts(service, generation) {
            return None;
        }
        Some(match told {
            Told::Stands => {
                self.open.get_mut(&service)?.connecting.stop();
                Input::Connected(service)
            }
            Told::Frame(bytes) => Input::Frame(service, bytes),
            Told::Ended => {
                self.disconnect(service);
                Input::Disconnected(service)
            }
        })
    }

    fn connect(&mut self, service: Service) {
        self.disconnect(service);
        let generation = self.generations.begin(service);
        let tell = |told: fn() -> Told| {
            let tell = Rc::clone(&self.tell);
            move || tell(service, generation, told())
        };
        let ended = tell(|| Told::Ended);
        let mut connecting = Alarm::new(Rc::new(ended.clone()));
        connecting.set(CONNECT_MS);
        let Ok(socket) = WebSocket::new(&format!("{}{}", self.base, service.path())) else {
            // Refused for its address alone: the engine waits for it in vain, and tries again.
            return;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_open = Closure::<dyn FnMut()>::new(tell(|| Told::Stands));
        let on_close = Closure::<dyn FnMut()>::new(ended);
        let frames = Rc::clone(&self.tell);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let told = match event.data().dyn_into::<ArrayBuffer>() {
                Ok(buffer) => Told::Frame(Uint8Array::new(&buffer).to_vec().into()),
                Err(_) => Told::Ended,
            };
            frames(service, generation, told);
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        let open = Socket {
            socket,
            connecting,
            _on_open: on_open,
            _on_message: on_message,
            _on_close: on_close,
        };
        self.open.insert(service, open);
    }

    /// Closes a connection; nothing of it arrives any more.
    fn disconnect(&mut self, service: Service) {
        self.generations.end(service);
        self.open.remove(&service);
    }
}
