//! A library in a component: text, counters, and a look at what it has been granted.

use std::cell::Cell;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};

use exports::guests::library::counters::{CounterBorrow, Guest as Counters, GuestCounter};
use exports::guests::library::text::Guest as Text;
use exports::guests::library::surroundings::Guest as World;
use fermyon::spin::key_value::Store;
use fermyon::spin::variables;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{Fields, OutgoingRequest, Scheme};

wit_bindgen::generate!({ path: "wit", world: "library", generate_all });

struct Library;
export!(Library);

impl Text for Library {
    fn shout(text: String) -> String {
        text.to_uppercase() + "!"
    }
}

impl World for Library {
    fn ask(kind: String, name: String) -> String {
        match kind.as_str() {
            "environment" => std::env::var(&name).unwrap_or_else(|error| error.to_string()),
            "file" => std::fs::read_to_string(&name).unwrap_or_else(|error| error.to_string()),
            "variable" => variables::get(&name).unwrap_or_else(|error| format!("{error:?}")),
            "store" => match Store::open(&name) {
                Ok(_) => "opened".into(),
                Err(error) => format!("{error:?}"),
            },
            "get" => get(&name),
            _ => "what?".into(),
        }
    }

    fn say(text: String) {
        println!("{text} out");
        eprintln!("{text} err");
        std::io::stdout().flush().unwrap();
    }

    fn fail() {
        panic!("the library fails")
    }
}

/// The status of what `http://NAME/` answers, or why there is none.
fn get(name: &str) -> String {
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(name)).unwrap();
    request.set_path_with_query(Some("/")).unwrap();
    let answer = match outgoing_handler::handle(request, None) {
        Ok(answer) => answer,
        Err(error) => return error.to_string(),
    };
    answer.subscribe().block();
    match answer.get().unwrap().unwrap() {
        Ok(response) => response.status().to_string(),
        Err(error) => error.to_string(),
    }
}

static COUNT: AtomicU32 = AtomicU32::new(0);

struct Counter(Cell<u32>);

impl GuestCounter for Counter {
    fn new(start: u32) -> Self {
        COUNT.fetch_add(1, Ordering::Relaxed);
        Self(Cell::new(start))
    }

    fn next(&self) -> u32 {
        self.0.replace(self.0.get() + 1)
    }

    fn count() -> u32 {
        COUNT.load(Ordering::Relaxed)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        COUNT.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counters for Library {
    type Counter = Counter;

    fn sum(counters: Vec<CounterBorrow<'_>>) -> u32 {
        counters.iter().map(|one| one.get::<Counter>().0.get()).sum()
    }
}
