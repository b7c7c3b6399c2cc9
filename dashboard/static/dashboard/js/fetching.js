const BURST = 20; // milliseconds in which the notices of one change arrive

// Fetch one fragment of a page; a session that has ended leads to the sign-in page.
export async function fragment(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (answer.redirected && new URL(answer.url).pathname === "/login/") location.reload();
  if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
  return (await answer.text()).trim();
}

// Replace an element by its newer self, in place, and let htmx know what is new in it.
export function renew(element, html) {
  for (const node of window.Idiomorph.morph(element, html)) window.htmx.process(node);
}

// Call soon, but once for a burst; while calls keep coming, rest for `wait` between two of them.
// What is asked for while one runs is done after it. `first` is what a call after a rest waits.
export function calmly(action, wait, first = BURST) {
  let timer = null;
  let running = false;
  let again = false;
  let ended = -Infinity;
  const call = () => {
    if (running) again = true;
    else timer ??= setTimeout(run, Math.max(first, ended + wait - performance.now()));
  };
  const run = async () => {
    timer = null;
    again = false;
    running = true;
    try {
      await action();
    } catch (error) {
      console.warn(error);
    } finally {
      running = false;
      ended = performance.now();
      if (again) call();
    }
  };
  return call;
}
