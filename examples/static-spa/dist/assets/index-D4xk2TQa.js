const show = () => {
  document.querySelector("#tides").textContent = `The tide at ${location.pathname.slice(1) || "the pier"}`;
};
addEventListener("popstate", show);
show();
