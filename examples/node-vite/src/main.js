import "./style.css";

document.querySelector("main").textContent = `You are at ${location.pathname}`;
