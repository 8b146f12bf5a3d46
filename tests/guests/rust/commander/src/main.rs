//! A CGI program that prints what its library says: `?ask&KIND&NAME`, or `?shout&TEXT`.

use guests::library::{surroundings, text};

wit_bindgen::generate!({
    path: ["../library/wit/deps/spin.wit", "../library/wit/library.wit", "../consumer/wit"],
    world: "guests:consumer/consumer",
    generate_all,
});

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let answer = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ask", kind, name] => surroundings::ask(kind, name),
        ["shout", said] => text::shout(said),
        other => format!("{other:?}"),
    };
    println!("content-type: text/plain\n\n{answer}");
}
