// The smallest web application: it greets whoever asks.
Bun.serve({
  port: process.env.PORT,
  hostname: process.env.BIND_ADDRESS ?? "0.0.0.0",
  fetch: () => new Response("Hello from Bun\n"),
});
