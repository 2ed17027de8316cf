setInterval(() => console.log(process.argv[2]), 200);
