const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const dgram = require("unix-dgram");

const address = path.join(process.env.HOP3_STATE_DIR ?? "/tmp", "echo.socket");
fs.rmSync(address, { force: true });

const waiting = [];
const socket = dgram.createSocket("unix_dgram", (message) => {
  waiting.shift()?.end(`${message}\n`);
});
socket.bind(address);

http.createServer((request, response) => {
  waiting.push(response);
  const message = Buffer.from("Hello through a native addon");
  socket.send(message, 0, message.length, address);
}).listen(process.env.PORT);
