const [words] = Bun.argv.slice(2);
console.log(words);
setInterval(() => console.log(words), 1000);
