import { createNanoEvents } from "nanoevents";

const events = createNanoEvents<{ hello: (who: string) => void }>();
events.on("hello", (who) => (document.title = `Bundled by Bun for ${who}`));
events.emit("hello", "browsers");
