// Photos on which no face was found: somebody looks, and says of many at once that nobody is recognisable. Nothing is selected before that.
import { useEffect, useState } from "react";
import { read, rendition } from "$/public/external/components/photo/scripts/common.jsx";
import { sayNobody } from "./review_dialogs.jsx";
import { Picks } from "./review_picks.jsx";

const PAGE = 60;

export function EmptyPhotos({ pb, total, onSaid }) {
  const [ids, setIds] = useState(null);
  const [next, setNext] = useState(null);
  const [failed, setFailed] = useState(false);
  const [sending, setSending] = useState(false);
  const load = (cursor) => {
    setFailed(false);
    read(`/api/v1/review/empty?limit=${PAGE}${cursor ? `&cursor=${cursor}` : ""}`).then((page) => {
      const items = page ? page.items : [];
      setIds((before) => [...((cursor && before) || []), ...items]);
      setNext(page ? page.next_cursor : null);
    }, () => setFailed(true));
  };
  useEffect(() => load(), []);
  // What was taken back, or came in since, is here again.
  const held = ids ? ids.length : 0;
  useEffect(() => {
    if (ids && !next && total > held) load();
  }, [total]); // eslint-disable-line react-hooks/exhaustive-deps
  const say = async (chosen) => {
    setSending(true);
    const said = await sayNobody(chosen);
    setSending(false);
    const took = said.ok ? await said.response.json() : null;
    onSaid(took && took.action_id ? { count: took.asset_ids.length, action: took.action_id } : { failed: true });
    if (said.ok) load();
  };
  return (
    <Picks pb={pb} ids={ids} failed={failed} more={next} onMore={() => load(next)} onRetry={() => load()} title={pb.t("review.empty_ask")} text={pb.t("review.empty_text", { count: total })} label={pb.t("review.empty_title")} kind="photos"
      sending={sending} nameOf={(place) => pb.t("review.photo", { number: place + 1 })} picture={(id) => <img src={rendition(id, "thumb")} alt="" loading="lazy" />}
      acts={[{ key: "Enter", word: "review.nobody", primary: true, run: say }]} />
  );
}
