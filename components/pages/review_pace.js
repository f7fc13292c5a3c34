// How many faces one settled since the page was opened, and how fast it goes lately.
import { useRef } from "react";

const OVER = 180_000; // milliseconds that count as lately
const AT_LEAST = 30_000; // one answer is no pace yet

export function usePace() {
  const kept = useRef({ all: 0, marks: [] });
  return {
    done: () => kept.current.all,
    settled: (count) => {
      kept.current.all += count;
      kept.current.marks.push([Date.now(), count]);
    },
    takenBack: (count) => { kept.current.all = Math.max(0, kept.current.all - count); },
    perMinute: () => {
      const now = Date.now();
      const marks = kept.current.marks.filter(([time]) => now - time < OVER);
      kept.current.marks = marks;
      const faces = marks.reduce((sum, [, count]) => sum + count, 0);
      return marks.length ? Math.round((faces * 60_000) / Math.max(AT_LEAST, now - marks[0][0])) : 0;
    },
  };
}
