// What a photo looks like with people made unrecognisable: fetched once, shown in every size, and given back when nobody looks any more.
import { useCallback, useEffect, useState } from "react";
import { send } from "$/public/external/components/http/http.js";

const NOTHING = { src: "", people: 0, problem: "", wait: 1 };

// {src, people, problem, wait, retry}: an address of the picture once it is there, how many are hidden on it, and why there is none.
export function useRedacted(photo, use, wanted, revision) {
  const [made, setMade] = useState(NOTHING);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    setMade(NOTHING);
    if (!wanted || !use) return undefined;
    let gone = false;
    let address = "";
    (async () => {
      const result = await send("GET", `/api/v1/assets/${photo}/redacted?use=${encodeURIComponent(use)}`);
      if (gone) return;
      if (!result.ok) return setMade({ ...NOTHING, problem: result.problem.code, wait: result.wait || 1 });
      const picture = await result.response.blob();
      if (gone) return;
      address = URL.createObjectURL(picture);
      setMade({ ...NOTHING, src: address, people: Number(result.response.headers.get("Photobank-Hidden")) || 0 });
    })().catch(() => !gone && setMade({ ...NOTHING, problem: "unavailable" }));
    return () => {
      gone = true;
      if (address) URL.revokeObjectURL(address);
    };
  }, [photo, use, wanted, revision, tries]);
  return { ...made, retry: useCallback(() => setTries((before) => before + 1), []) };
}
