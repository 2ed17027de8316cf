import { Hono } from "hono";
import { serveStatic } from "hono/deno";
import ms from "ms";

const app = new Hono();

app.get("/", (c) => c.text(`Hello from Deno, and from Hono: ${ms("2 days")}`));
app.get("/health", (c) => c.json({ status: "ok", mode: Deno.env.get("DENO_ENV") }));
app.use("/public/*", serveStatic({ root: "./" }));

export default { fetch: app.fetch };
