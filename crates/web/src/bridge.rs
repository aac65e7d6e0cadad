//! The way to the Worker: questions and their answers, and news for whoever listens.
//!
//! The Worker may end at any moment: with the page in the background, by a crash of its own. Questions that were not
//! answered are asked again of the next one.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use futures_channel::oneshot;
use js_sys::Uint8Array;
use leptos::prelude::{document, set_timeout, window};
use undertone_web_messages::{
    Answer, Ask, FromWorker, MessageKey, News, Question, Refusal, Reply, ToWorker, Unusable,
    decode, encode,
};
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::browser;

/// Crashes in a row after which the page gives up and says so.
const CRASHES: u32 = 4;
/// How long after a crash the next Worker is started.
const RESTART: Duration = Duration::from_millis(400);

/// What the Worker tells without being asked.
#[derive(Debug, Clone)]
pub enum Told {
    /// Something happened.
    News(News),
    /// All may look different.
    Anew,
    /// There is no engine here.
    Unusable(Unusable),
}

type Listener = Rc<dyn Fn(&Told)>;

#[derive(Default)]
struct Bridge {
    /// Names this tab to the Workers of all tabs, the same for each Worker that it starts.
    tab: String,
    worker: Option<Port>,
    asked: u64,
    waiting: BTreeMap<u64, (Ask, oneshot::Sender<Answer>)>,
    listened: u64,
    listeners: BTreeMap<u64, Listener>,
    crashes: u32,
}

struct Port {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

thread_local! {
    static BRIDGE: RefCell<Bridge> = RefCell::default();
}

/// Starts the Worker, and ends and starts it with the page: one that is asleep must not keep other tabs waiting.
pub fn start() {
    // Without randomness the Worker has a name of its own making, and nothing could be encrypted either.
    let tab = browser::random().map_or_else(String::new, |bytes| MessageKey(bytes).to_string());
    BRIDGE.with_borrow_mut(|bridge| bridge.tab = tab);
    open();
    let (window, document) = (window(), document());
    browser::on_event(&window, "pagehide", |_| close());
    browser::on_event(&window, "pageshow", |_| open());
    browser::on_event(&document, "freeze", |_| close());
    browser::on_event(&document, "resume", |_| open());
    browser::on_event(&window, "beforeunload", |event| {
        // The browser asks whether to leave while something that was written is not kept yet.
        if BRIDGE.with_borrow(|bridge| bridge.first_in_order().is_some()) {
            event.prevent_default();
        }
    });
    browser::on_event(&window, "online", |_| tell(Ask::Network { there: true }));
    browser::on_event(&window, "offline", |_| tell(Ask::Network { there: false }));
}

/// Asks, and waits for the answer for as long as it takes.
pub async fn ask(ask: Ask) -> Answer {
    let (sender, receiver) = oneshot::channel();
    BRIDGE.with_borrow_mut(|bridge| {
        bridge.asked += 1;
        let number = bridge.asked;
        let waits = ask.is_in_order() && bridge.first_in_order().is_some();
        if !waits {
            bridge.send(number, &ask);
        }
        bridge.waiting.insert(number, (ask, sender));
    });
    // The sender is dropped only with the page.
    receiver.await.unwrap_or(Answer::Refused(Refusal::Store))
}

/// Asks for something whose answer nobody needs.
pub fn tell(what: Ask) {
    leptos::task::spawn_local(async move {
        ask(what).await;
    });
}

/// Hears all that is told, until [`stop_listening`].
pub fn listen(listener: impl Fn(&Told) + 'static) -> u64 {
    BRIDGE.with_borrow_mut(|bridge| {
        bridge.listened += 1;
        bridge.listeners.insert(bridge.listened, Rc::new(listener));
        bridge.listened
    })
}

/// Ends what [`listen`] began.
pub fn stop_listening(number: u64) {
    BRIDGE.with_borrow_mut(|bridge| bridge.listeners.remove(&number));
}

fn open() {
    BRIDGE.with_borrow_mut(|bridge| {
        if bridge.worker.is_some() {
            return;
        }
        bridge.worker = start_worker(&bridge.tab);
        let first = bridge.first_in_order();
        for (number, (ask, _)) in &bridge.waiting {
            if !ask.is_in_order() || first == Some(*number) {
                bridge.send(*number, ask);
            }
        }
    });
}

fn close() {
    let port = BRIDGE.with_borrow_mut(|bridge| bridge.worker.take());
    if let Some(port) = port {
        port.worker.terminate();
    }
}

fn start_worker(tab: &str) -> Option<Port> {
    let url = browser::meta("undertone-worker")?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name(tab);
    let worker = Worker::new_with_options(&url, &options).ok()?;
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let bytes = Uint8Array::new(&event.data()).to_vec();
        match decode(&bytes) {
            Ok(said) => hear(said),
            // Page and Worker are of one release and are loaded together.
            Err(_) => hear(FromWorker::Unusable(Unusable::Broken)),
        }
    });
    // Later: what is called here goes with the Worker that is put away.
    let on_error = Closure::<dyn FnMut(Event)>::new(|_| {
        leptos::task::spawn_local(async { crashed() });
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Some(Port {
        worker,
        _on_message: on_message,
        _on_error: on_error,
    })
}

impl Bridge {
    /// The question that others wait for to be answered.
    fn first_in_order(&self) -> Option<u64> {
        let mut waiting = self.waiting.iter();
        let first = waiting.find(|(_, (ask, _))| ask.is_in_order());
        first.map(|(number, _)| *number)
    }

    /// Takes a question that is answered; the one that waited for it is asked now.
    fn answered(&mut self, number: u64) -> Option<oneshot::Sender<Answer>> {
        let (ask, sender) = self.waiting.remove(&number)?;
        if ask.is_in_order()
            && let Some(next) = self.first_in_order()
            && next > number
            && let Some((ask, _)) = self.waiting.get(&next)
        {
            self.send(next, ask);
        }
        Some(sender)
    }

    fn send(&self, number: u64, ask: &Ask) {
        let question = ToWorker::Question(Question {
            number,
            ask: ask.clone(),
        });
        if let (Some(port), Ok(bytes)) = (&self.worker, encode(&question)) {
            // Bytes can always be posted.
            let _ = port
                .worker
                .post_message(&Uint8Array::from(bytes.as_slice()));
        }
    }
}

fn hear(said: FromWorker) {
    let told = match said {
        FromWorker::Reply(Reply { number, answer }) => {
            let waiting = BRIDGE.with_borrow_mut(|bridge| {
                bridge.crashes = 0;
                bridge.answered(number)
            });
            if let Some(sender) = waiting {
                // Whoever asked may have gone.
                let _ = sender.send(answer);
            }
            return;
        }
        FromWorker::News(news) => Told::News(news),
        FromWorker::Anew => Told::Anew,
        FromWorker::Unusable(why) => Told::Unusable(why),
    };
    spread(&told);
}

fn spread(told: &Told) {
    // Listeners may listen anew, or stop, while they are told.
    let listeners: Vec<Listener> =
        BRIDGE.with_borrow(|bridge| bridge.listeners.values().cloned().collect());
    for listener in listeners {
        listener(told);
    }
}

fn crashed() {
    close();
    let crashes = BRIDGE.with_borrow_mut(|bridge| {
        bridge.crashes += 1;
        bridge.crashes
    });
    if crashes < CRASHES {
        set_timeout(open, RESTART * crashes);
    } else {
        spread(&Told::Unusable(Unusable::Broken));
    }
}
