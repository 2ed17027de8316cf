import fastify from "fastify";

import { greet } from "./greeting.js";

const server = fastify();

server.get("/", async () => greet("Fastify"));

await server.listen({ host: "0.0.0.0", port: Number(process.env.PORT) });
