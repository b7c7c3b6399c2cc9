// A toast stays for as long as its offer holds, counts down, and then goes.
function watch() {
  const toast = document.querySelector("[data-toast]:not([data-watched])");
  if (!toast) return;
  toast.dataset.watched = "";
  let left = Number(toast.dataset.toast);
  const seconds = toast.querySelector("[data-seconds]");
  const timer = setInterval(() => {
    left -= 1;
    if (seconds) seconds.textContent = left;
    if (left > 0 && toast.isConnected) return;
    clearInterval(timer);
    toast.remove();
  }, 1000);
}

document.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest(".toast").remove());
document.addEventListener("htmx:afterRequest", watch);
watch();
