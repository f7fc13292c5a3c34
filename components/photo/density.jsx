// The size of the thumbnails: one setting for this browser, shared by the slider and every grid.
import { useSyncExternalStore } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Icon } from "./common.jsx";

const useWords = wordsOf("library");

const KEY = "photobank_density";
const HEIGHTS = { desk: [104, 130, 158, 200, 260], phone: [64, 80, 104, 140, 220] };
const listeners = new Set();
let chosen = null;

function get() {
  if (chosen === null) {
    try {
      chosen = Number(window.localStorage.getItem(KEY)) || 3;
    } catch {
      chosen = 3;
    }
  }
  return chosen;
}

function set(value) {
  chosen = value;
  try {
    window.localStorage.setItem(KEY, String(value));
  } catch {
    // holds for this page only
  }
  listeners.forEach((listener) => listener());
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

const useDensity = () => useSyncExternalStore(subscribe, get, () => 3);

// How high rows are wished to be.
export const useRowHeight = (phone) => HEIGHTS[phone ? "phone" : "desk"][useDensity() - 1];

export function DensitySlider() {
  const pb = useWords();
  const value = useDensity();
  return (
    <label className="density" title={pb.t("library.size")}>
      <Icon name="grid-s" />
      <span className="vh">{pb.t("library.size")}</span>
      <input type="range" min="1" max="5" value={value} onChange={(event) => set(Number(event.target.value))} />
      <Icon name="grid-l" />
    </label>
  );
}
