import { customAlphabet } from "nanoid";
import polka from "polka";

const id = customAlphabet("0123456789abcdef", 8);

polka()
  .get("/", (request, response) => response.end("Hello from Polka\n"))
  .get("/id", (request, response) => response.end(`id ${id()}\n`))
  .listen(process.env.PORT);
