const [words] = Deno.args;
console.log(words);
setInterval(() => console.log(words), 1000);
