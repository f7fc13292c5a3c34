// Faces that look like nobody else, many at once: passers-by, posters, and what is no face at all. Nothing is selected before somebody looked.
import { useEffect, useRef, useState } from "react";
import { read } from "$/public/external/components/photo/scripts/common.jsx";
import { NameDialog } from "./review_dialogs.jsx";
import { Face } from "./review_pictures.jsx";
import { Picks } from "./review_picks.jsx";

const PAGE = 60;

export function Singles({ pb, total, note, onDecide }) {
  const [faces, setFaces] = useState(null);
  const [next, setNext] = useState(null);
  const [failed, setFailed] = useState(false);
  const [naming, setNaming] = useState(null);
  const gone = useRef(new Set()); // decided, and on its way: a page that is read meanwhile still has them
  const load = (cursor) => {
    setFailed(false);
    read(`/api/v1/clusters?single=true&unknown=true&free=true&limit=${PAGE}${cursor ? `&cursor=${cursor}` : ""}`).then((page) => {
      const found = (page ? page.items : []).map((one) => one.face_ids[0]).filter((one) => !gone.current.has(one));
      setFaces((before) => [...((cursor && before) || []), ...found]);
      setNext(page ? page.next_cursor : null);
    }, () => setFailed(true));
  };
  useEffect(() => load(), []);
  const held = faces ? faces.length : 0;
  useEffect(() => {
    if (faces && !next && total > held) load();
  }, [total]); // eslint-disable-line react-hooks/exhaustive-deps
  const decide = (verb, chosen, who, words) => {
    chosen.forEach((one) => gone.current.add(one));
    setFaces((before) => before.filter((one) => !gone.current.has(one)));
    onDecide(verb, chosen, who, words).then((outcome) => {
      chosen.forEach((one) => gone.current.delete(one));
      if (outcome.error || outcome.recalled || next) load();
    });
  };
  const name = (one) => {
    setNaming(null);
    decide("confirm", naming, one.id ? { person_id: one.id } : { name: one.name }, { name: one.name });
  };
  return (
    <>
      <Picks pb={pb} ids={faces} failed={failed} more={next} onMore={() => load(next)} onRetry={() => load()} title={pb.t("review.singles_ask")} text={pb.t("review.singles_text", { count: total })} label={pb.t("review.faces")}
        nameOf={(place) => pb.t("review.single", { number: place + 1 })} picture={(id) => <Face id={id} />}
        acts={[
          { key: "I", word: "review.ignore_them", primary: true, run: (chosen) => decide("ignore", chosen) },
          { key: "Enter", word: "review.name_them", run: setNaming },
        ]} />
      <NameDialog pb={pb} open={Boolean(naming)} count={naming ? naming.length : 0} note={note} onClose={() => setNaming(null)} onTake={name} />
    </>
  );
}
