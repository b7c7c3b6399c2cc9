// A bulk run that is under way is fetched again each second, until it is over.
import { fragment, renew } from "./fetching.js";

const EVERY = 1000;
let isAsking = false;

setInterval(async () => {
  const run = document.querySelector("[data-run][data-running]");
  if (!run || isAsking || document.visibilityState !== "visible") return;
  isAsking = true;
  try {
    const html = await fragment(run.dataset.run);
    if (run.isConnected) renew(run, html);
  } catch (error) {
    console.warn(error);
  } finally {
    isAsking = false;
  }
}, EVERY);
