// The bell: its count is fetched anew when somebody was told of something.
import { calmly, fragment, renew } from "./fetching.js";

const ring = calmly(async () => {
  const bell = document.getElementById("bell");
  if (bell) renew(bell, await fragment("/notifications/bell/"));
}, 500);

document.addEventListener("live:bell", ring);
document.addEventListener("live:again", ring);
