import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();

app.get("/", (context) => context.text("Hello from Hono\n"));
app.get("/status", (context) => context.json({ status: "ok" }));

serve({ fetch: app.fetch, port: process.env.PORT });
