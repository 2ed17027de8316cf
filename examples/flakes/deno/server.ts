// The smallest web application: it greets whoever asks.
export default {
  fetch: () => new Response("Hello from Deno\n"),
};
