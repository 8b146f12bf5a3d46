//! Middleware: adds `NAME;` to the header `x-seen` of requests and `x-passed` of responses, NAME
//! being its environment's `NAME` or `nobody`. It answers `/forbidden` by itself, and `/name`.

use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::{wit_future, wit_stream};

wit_bindgen::generate!({
    path: "wit",
    world: "guests:middleware/middleware",
    with: {
        "wasi:http/types@0.3.0": wasip3::http::types,
        "wasi:http/handler@0.3.0": generate,
    },
});

struct Middleware;
wasip3::http::service::export!(Middleware);

impl wasip3::exports::http::handler::Guest for Middleware {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let name = std::env::var("NAME").unwrap_or_else(|_| "nobody".into());
        let response = match request.get_path_with_query().as_deref() {
            Some("/forbidden") => answer(403, "not here"),
            Some("/name") => answer(200, &name),
            _ => wasi::http::handler::handle(passed_on(request, &name)).await?,
        };
        Ok(marked(response, &name))
    }
}

/// A request with this middleware's mark.
fn passed_on(request: Request, name: &str) -> Request {
    let headers = request.get_headers().clone();
    mark(&headers, "x-seen", name);
    let (method, scheme) = (request.get_method(), request.get_scheme());
    let (authority, path) = (request.get_authority(), request.get_path_with_query());
    let options = request.get_options();
    let (_, read) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, read);
    let (passed, _sent) = Request::new(headers, Some(body), trailers, options);
    passed.set_method(&method).unwrap();
    passed.set_scheme(scheme.as_ref()).unwrap();
    passed.set_authority(authority.as_deref()).unwrap();
    passed.set_path_with_query(path.as_deref()).unwrap();
    passed
}

/// A response with this middleware's mark.
fn marked(response: Response, name: &str) -> Response {
    let (status, headers) = (response.get_status_code(), response.get_headers().clone());
    mark(&headers, "x-passed", name);
    let (_, read) = wit_future::new(|| Ok(()));
    let (body, trailers) = Response::consume_body(response, read);
    let (marked, _sent) = Response::new(headers, Some(body), trailers);
    marked.set_status_code(status).unwrap();
    marked
}

fn mark(headers: &Fields, header: &str, name: &str) {
    let mut seen = headers.get(header).into_iter().next().unwrap_or_default();
    seen.extend(format!("{name};").bytes());
    headers.set(header, &[seen]).unwrap();
}

fn answer(status: u16, text: &str) -> Response {
    let (mut writer, body) = wit_stream::new();
    let (_, trailers) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(Fields::new(), Some(body), trailers);
    response.set_status_code(status).unwrap();
    let text = text.as_bytes().to_vec();
    wit_bindgen::spawn(async move {
        writer.write_all(text).await;
    });
    response
}
