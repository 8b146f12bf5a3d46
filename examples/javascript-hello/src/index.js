/** A Spin application in JavaScript: greets whoever the path names. */

addEventListener("fetch", (event) => {
  event.respondWith(greet(event.request));
});

function greet(request) {
  const name = decodeURIComponent(new URL(request.url).pathname.slice(1)) || "world";
  return new Response(`Hello, ${name}!\n`, { headers: { "content-type": "text/plain" } });
}
