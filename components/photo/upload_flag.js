// Whether this browser holds an upload that is not finished; kept apart, so that other pages can ask without loading the queue.
const NAME = "photobank_uploading";

export function unfinished() {
  try {
    return window.localStorage.getItem(NAME) === "1";
  } catch {
    return false; // storage may be switched off
  }
}

export function flag(on) {
  try {
    if (on) window.localStorage.setItem(NAME, "1");
    else window.localStorage.removeItem(NAME);
  } catch {
    // then only the upload page goes on by itself
  }
}
