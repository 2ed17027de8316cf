import { Hono } from "hono";
import { serveStatic } from "hono/bun";
import ms from "ms";

const app = new Hono();

app.get("/", (c) => c.text(`Hello from Bun, and from Hono: ${ms("2 days")}`));
app.get("/health", (c) => c.json({ status: "ok", mode: process.env.NODE_ENV }));
app.use("/public/*", serveStatic({ root: "./" }));

export default {
  port: process.env.PORT,
  hostname: process.env.BIND_ADDRESS ?? "0.0.0.0",
  fetch: app.fetch,
};
