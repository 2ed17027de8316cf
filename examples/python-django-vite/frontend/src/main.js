import "./style.css";

const main = document.querySelector("main");
for (const name of main.dataset.goods.split(",")) {
  const line = document.createElement("p");
  line.textContent = `We have ${name}`;
  main.append(line);
}
