// What is about to be shared, or asked consent for: set by the photo page or the selection bar, read by the dialog. No React in here.
const listeners = new Set();
let wanted = null;

const set = (value) => {
  wanted = value;
  listeners.forEach((listener) => listener());
};
export const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const getSnapshot = () => wanted;
export const share = (ids) => set({ ids: [...ids] });
export const shareSelection = (name, ids) => {
  if (name === "share") share(ids);
};
export const askSelection = (name, ids, use) => {
  if (name === "ask") set({ ask: [...ids], use });
};
export const embed = (id) => set({ embed: id });
export const close = () => set(null);
