//! Answers with what its library says, by path: `/shout/TEXT`, `/ask/KIND/NAME`, `/own/NAME` (its
//! own environment), `/say/TEXT`, `/fail`, `/count`; and `x-seen`, a header of the request, again.

use guests::library::counters::{Counter, sum};
use guests::library::{surroundings, text};
use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_service;

wit_bindgen::generate!({
    path: ["../library/wit/deps/spin.wit", "../library/wit/library.wit", "wit"],
    world: "guests:consumer/consumer",
    generate_all,
});

#[http_service]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.trim_start_matches('/').splitn(3, '/').collect();
    let answer = match parts[..] {
        ["shout", said] => text::shout(said),
        ["ask", kind, name] => surroundings::ask(kind, name),
        ["own", name] => std::env::var(name).unwrap_or_else(|error| error.to_string()),
        ["say", said] => {
            println!("consumer out");
            surroundings::say(said);
            "said".into()
        }
        ["fail"] => {
            surroundings::fail();
            unreachable!()
        }
        ["count"] => {
            let (one, other) = (Counter::new(3), Counter::new(10));
            one.next();
            let there = Counter::count();
            let total = sum(&[&one, &other]);
            drop(one);
            format!("{total} {there} {}", Counter::count())
        }
        _ => path.clone(),
    };
    let seen = request.headers().get("x-seen").map_or("", |seen| seen.to_str().unwrap());
    Ok(Response::builder().header("x-seen", seen).body(answer))
}
