/** A WASI 0.2 guest for tests: what it does is chosen by the path's last segment, as in the Python guest. */

let served = 0;

const behaviours = {
  hello: () => new Response("Hello from the guest!"),
  status: (_, query) => new Response(null, { status: Number(query.get("code")) }),
  count: () => new Response(String(served)),
  chance: () => new Response(String(Math.random())),
  reflect: (request) =>
    Response.json({ method: request.method, url: request.url, headers: [...request.headers] }),
  echo: (request) => new Response(request.body),
  length: async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
  flood: (_, query) => new Response(new Uint8Array(Number(query.get("size")))),
  drip: (_, query) => new Response(lines(Number(query.get("count")), Number(query.get("ms")))),
  sleep: async (_, query) => {
    await pause(Number(query.get("ms")));
    return new Response("slept");
  },
  send: async (_, query) => {
    const answer = await fetch(query.get("url"));
    return new Response(await answer.arrayBuffer(), { status: answer.status });
  },
  log: (_, query) => {
    console.log(`out: ${query.get("text")}`);
    console.error(`err: ${query.get("text")}`);
    return new Response("logged");
  },
  fail: () => {
    throw new Error("raised by the guest");
  },
  loop: () => {
    for (;;);
  },
  allocate: () => {
    const kept = [];
    for (;;) kept.push(new Uint8Array(1_000_000).fill(1));
  },
  never: () => new Promise(() => {}),
};

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function lines(count, milliseconds) {
  let number = 0;
  return new ReadableStream({
    async pull(controller) {
      if (number === count) return controller.close();
      controller.enqueue(new TextEncoder().encode(`${number++}\n`));
      await pause(milliseconds);
    },
  });
}

async function answer(request) {
  served += 1;
  const url = new URL(request.url);
  const behaviour = behaviours[url.pathname.split("/").pop() || "hello"];
  if (!behaviour) return new Response("no such behaviour", { status: 404 });
  return behaviour(request, url.searchParams);
}

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
