const express = require("express");

const app = express();

app.get("/", (request, response) => {
  response.send("Hello from Express\n");
});

app.get("/health", (request, response) => {
  response.json({ status: "ok", mode: process.env.NODE_ENV });
});

app.listen(process.env.PORT);
