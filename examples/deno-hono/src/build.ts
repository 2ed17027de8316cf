import ms from "ms";

await Deno.mkdir("public", { recursive: true });
await Deno.writeTextFile("public/made.txt", `made by a task, with ${ms(1000)}\n`);
